import type { RecordedHardwareInput } from '../recorded-hardware.ts'
import { type Cable, type MacSpec, recordMacs } from './record-macs.ts'

export const studio = (number: number): string => `studio-${number}`

const studios = (count: number, sockets = 6): MacSpec[] =>
  Array.from({ length: count }, (_, index) => ({ name: studio(index + 1), sockets }))

/** Plugs each cable into the lowest free socket of both Macs, starting at socket 2: the first is next to Ethernet. */
function plug(pairs: readonly (readonly [number, number])[]): Cable[] {
  const used = new Map<number, number>()
  const nextSocket = (mac: number): number => {
    const socket = (used.get(mac) ?? 1) + 1
    used.set(mac, socket)
    return socket
  }
  return pairs.map(([a, b]) => ({ ends: [studio(a), nextSocket(a), studio(b), nextSocket(b)] }))
}

const allPairs = (count: number): [number, number][] =>
  Array.from({ length: count }, (_, a) => Array.from({ length: count - a - 1 }, (_, b): [number, number] => [a + 1, a + b + 2])).flat()
const neighbours = (count: number): [number, number][] => Array.from({ length: count - 1 }, (_, index) => [index + 1, index + 2])
const ring = (count: number): [number, number][] => [...neighbours(count), [count, 1]]
const change = (macs: readonly MacSpec[], number: number, changes: Partial<MacSpec>): MacSpec[] =>
  macs.map((mac) => (mac.name === studio(number) ? { ...mac, ...changes } : mac))

/** Recordings of all the ways to cable a desk that the tests use. */
export const macLayouts = {
  'one Mac': recordMacs(studios(1), []),
  'two Macs': recordMacs(studios(2), plug([[1, 2]])),
  'two Macs, two cables': recordMacs(
    studios(2),
    plug([
      [1, 2],
      [1, 2],
    ]),
  ),
  'two Macs, a hub between': recordMacs(studios(2), [
    { ends: [studio(1), 2, studio(2), 3], through: ['Thunderbolt Hub', 'Studio Display'] },
  ]),
  'two Macs, Thunderbolt 4': recordMacs(studios(2), [{ ends: [studio(1), 2, studio(2), 2], speed: 'Up to 40 Gb/s' }]),
  'two Macs, a dead port': recordMacs(change(studios(2), 2, { downSockets: [2] }), plug([[1, 2]])),
  'two Macs, the socket next to Ethernet': recordMacs(change(studios(2), 1, { downSockets: [1] }), [
    { ends: [studio(1), 1, studio(2), 2] },
  ]),
  'four Macs, full mesh': recordMacs(studios(4), plug(allPairs(4))),
  'four Macs, ring': recordMacs(studios(4), plug(ring(4))),
  'four Macs, daisy chain': recordMacs(studios(4), plug(neighbours(4))),
  'four Macs, star': recordMacs(
    studios(4),
    plug([
      [1, 2],
      [1, 3],
      [1, 4],
    ]),
  ),
  'four Macs, full mesh, RDMA off on one': recordMacs(change(studios(4), 3, { rdma: 'disabled' }), plug(allPairs(4))),
  'four Macs, full mesh, one on macOS 26.1': recordMacs(change(studios(4), 2, { osVersion: '26.1' }), plug(allPairs(4))),
  'four Macs, full mesh, bridge on one': recordMacs(change(studios(4), 4, { hasBridge: true }), plug(allPairs(4))),
  'eight Macs, full mesh': recordMacs(studios(8, 9), plug(allPairs(8))),
  'nine Macs, full mesh': recordMacs(studios(9, 9), plug(allPairs(9))),
  'eight Macs, ring': recordMacs(studios(8), plug(ring(8))),
  'eight Macs, daisy chain': recordMacs(studios(8), plug(neighbours(8))),
  'eight Macs, star': recordMacs(studios(8, 9), plug(neighbours(8).map(([, mac]) => [1, mac]))),
  'eight Macs, full mesh, RDMA off on one': recordMacs(change(studios(8, 9), 3, { rdma: 'disabled' }), plug(allPairs(8))),
  'eight Macs, full mesh, one on macOS 26.1': recordMacs(change(studios(8, 9), 2, { osVersion: '26.1' }), plug(allPairs(8))),
  'eight Macs, full mesh, bridge on one': recordMacs(change(studios(8, 9), 4, { hasBridge: true }), plug(allPairs(8))),
} as const satisfies Readonly<Record<string, RecordedHardwareInput[]>>

export type MacLayout = keyof typeof macLayouts
