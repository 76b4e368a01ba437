import { describe, expect, it } from 'vitest'
import type { HardwareFacts } from '../../shared/hardware.ts'
import { NodeId } from '../../shared/ids.ts'
import { type MacLayout, macLayouts, studio } from '../mac/__fixtures__/mac-layouts.ts'
import { recordMacs } from '../mac/__fixtures__/record-macs.ts'
import { cablesWithoutRdma, type FactsByNode, rdmaLinks, rdmaObstacles } from './rdma-links.ts'
import { topologyNode } from './topology-node.ts'
import { RecordedHardware, type RecordedHardwareInput, recordedHardwareFacts } from '../mac/recorded-hardware.ts'

const id = (number: number): NodeId => NodeId.parse(studio(number))
const read = (recordings: readonly RecordedHardwareInput[]): FactsByNode =>
  new Map(recordings.map((recorded) => [NodeId.parse(recorded.name), recordedHardwareFacts(RecordedHardware.parse(recorded))]))
const factsOf = (layout: MacLayout): FactsByNode => read(macLayouts[layout])
/** `1 rdma_en3 2`: from studio-1 over its rdma_en3 to studio-2. */
const linksOf = (facts: FactsByNode): string[] =>
  rdmaLinks(facts).map(({ from, device, to }) => `${from} ${device} ${to}`.replaceAll('studio-', ''))
const change = (facts: FactsByNode, number: number, update: (facts: HardwareFacts) => HardwareFacts): FactsByNode =>
  new Map([...facts].map(([nodeId, own]) => [nodeId, nodeId === id(number) ? update(own) : own]))

describe('rdmaLinks', () => {
  const mesh = [
    '1 rdma_en3 2',
    '1 rdma_en4 3',
    '1 rdma_en5 4',
    '2 rdma_en3 1',
    '2 rdma_en4 3',
    '2 rdma_en5 4',
    '3 rdma_en3 1',
    '3 rdma_en4 2',
    '3 rdma_en5 4',
    '4 rdma_en3 1',
    '4 rdma_en4 2',
    '4 rdma_en5 3',
  ]
  const meshWithout = (number: number): string[] => mesh.filter((link) => !link.startsWith(`${number} `) && !link.endsWith(` ${number}`))

  it.each<[MacLayout, string[]]>([
    ['one Mac', []],
    ['two Macs', ['1 rdma_en3 2', '2 rdma_en3 1']],
    ['two Macs, two cables', ['1 rdma_en3 2', '1 rdma_en4 2', '2 rdma_en3 1', '2 rdma_en4 1']],
    ['two Macs, a hub between', ['1 rdma_en3 2', '2 rdma_en4 1']],
    ['two Macs, Thunderbolt 4', []],
    ['two Macs, a dead port', []],
    ['four Macs, full mesh', mesh],
    [
      'four Macs, ring',
      ['1 rdma_en3 2', '1 rdma_en4 4', '2 rdma_en3 1', '2 rdma_en4 3', '3 rdma_en3 2', '3 rdma_en4 4', '4 rdma_en3 3', '4 rdma_en4 1'],
    ],
    ['four Macs, daisy chain', ['1 rdma_en3 2', '2 rdma_en3 1', '2 rdma_en4 3', '3 rdma_en3 2', '3 rdma_en4 4', '4 rdma_en3 3']],
    ['four Macs, star', ['1 rdma_en3 2', '1 rdma_en4 3', '1 rdma_en5 4', '2 rdma_en3 1', '3 rdma_en3 1', '4 rdma_en3 1']],
    ['four Macs, full mesh, RDMA off on one', meshWithout(3)],
    ['four Macs, full mesh, one on macOS 26.1', meshWithout(2)],
    ['four Macs, full mesh, bridge on one', meshWithout(4)],
  ])('%s', (layout, links) => expect(linksOf(factsOf(layout))).toEqual(links))

  it.each([4, 8])('joins all pairs of %i Macs, both ways', (count) => {
    const facts = factsOf(count === 4 ? 'four Macs, full mesh' : 'eight Macs, full mesh')
    expect(new Set(rdmaLinks(facts).map(({ from, to }) => `${from} ${to}`)).size).toBe(count * (count - 1))
  })
  it('loses both directions when either end is unplugged', () => {
    const unplug = (number: number): FactsByNode =>
      change(factsOf('two Macs'), number, (facts) => ({
        ...facts,
        thunderboltPorts: facts.thunderboltPorts.map((port) => ({ ...port, peerDomainUuids: [] })),
      }))
    expect([linksOf(unplug(1)), linksOf(unplug(2))]).toEqual([[], []])
  })
  it('needs both ends enabled, and takes unknown for off', () =>
    expect(
      (['disabled', 'unknown', 'absent'] as const).map((rdma) => linksOf(change(factsOf('two Macs'), 1, (facts) => ({ ...facts, rdma })))),
    ).toEqual([[], [], []]))
  it('names the device at both ends', () =>
    expect(rdmaLinks(factsOf('two Macs, a hub between')).map(({ device, peerDevice }) => [device, peerDevice])).toEqual([
      ['rdma_en3', 'rdma_en4'],
      ['rdma_en4', 'rdma_en3'],
    ]))
  it('follows a cable that was moved', () => {
    const macs = [1, 2, 3].map((number) => ({ name: studio(number) }))
    expect(linksOf(read(recordMacs(macs, [{ ends: [studio(1), 2, studio(3), 4] }])))).toEqual(['1 rdma_en3 3', '3 rdma_en5 1'])
  })
  it('ignores a uuid that no node has', () =>
    expect(
      linksOf(
        change(factsOf('two Macs'), 1, (facts) => ({
          ...facts,
          thunderboltPorts: facts.thunderboltPorts.map((port) => ({ ...port, peerDomainUuids: ['elsewhere'] })),
        })),
      ),
    ).toEqual([]))
  it('minds only a bridge over the very port', () => {
    const bridged = (members: string[]): FactsByNode =>
      change(factsOf('two Macs'), 2, (facts) => ({ ...facts, bridge: { name: 'bridge0', isActive: true, members } }))
    expect([linksOf(bridged(['en2', 'en4'])).length, linksOf(bridged(['en3'])).length]).toEqual([2, 0])
  })
  it('joins 32 Macs, each with all others, without hanging', () => {
    const names = Array.from({ length: 32 }, (_, index) => studio(index + 1))
    const cables = names.flatMap((mac, a) => names.slice(a + 1).map((other, b) => ({ ends: [mac, a + b + 1, other, a + 1] as const })))
    const facts = read(
      recordMacs(
        names.map((name) => ({ name, sockets: 32 })),
        cables,
      ),
    )
    const start = performance.now()
    expect(rdmaLinks(facts)).toHaveLength(32 * 31)
    // It takes a tenth of a second; comparing every port with every other of all Macs takes minutes.
    expect(performance.now() - start).toBeLessThan(10_000)
  })
})

describe('cablesWithoutRdma', () => {
  const found = (layout: MacLayout): string[] =>
    cablesWithoutRdma(factsOf(layout)).map(({ between: [a, b], reasons }) => `${a} ${b}: ${reasons.join('; ')}`.replaceAll('studio-', ''))

  it.each<[MacLayout, string[]]>([
    ['one Mac', []],
    ['four Macs, full mesh', []],
    ['four Macs, star', []],
    ['two Macs, Thunderbolt 4', ['1 2: cable between 1 and 2 runs at 40 Gb/s: RDMA needs Thunderbolt 5 ports and cable']],
    ['two Macs, a dead port', ['1 2: rdma_en3 is down on 2']],
    // The reasons are empty, because a problem of a node itself is reported separately.
    ['four Macs, full mesh, RDMA off on one', ['1 3: ', '2 3: ', '3 4: ']],
    ['four Macs, full mesh, one on macOS 26.1', ['1 2: ', '2 3: ', '2 4: ']],
  ])('%s', (layout, expected) => expect(found(layout)).toEqual(expected))
  it('tells of a cable that one end alone sees', () => {
    const oneSided = change(factsOf('two Macs'), 1, (facts) => ({
      ...facts,
      thunderboltPorts: facts.thunderboltPorts.map((port) => ({ ...port, peerDomainUuids: [] })),
    }))
    expect(cablesWithoutRdma(oneSided)).toEqual([
      { between: [id(1), id(2)], reasons: ['cable between studio-1 and studio-2 seen only from studio-2'] },
    ])
  })
})

describe('topologyNode', () => {
  it('names the bridge only where it is in the way', () => {
    const bridgeOf = (layout: MacLayout, number: number): unknown => topologyNode(factsOf(layout).get(id(number))!).thunderboltBridge
    expect([bridgeOf('four Macs, full mesh, bridge on one', 4), bridgeOf('four Macs, full mesh, bridge on one', 1)]).toEqual([
      'bridge0',
      null,
    ])
    const uncabled = recordMacs([{ name: studio(1), hasBridge: true }], [])
    expect(topologyNode(read(uncabled).get(id(1))!).thunderboltBridge).toBeNull()
  })
})

describe('rdmaObstacles', () => {
  it.each<[MacLayout, number, number, string[]]>([
    ['four Macs, full mesh', 1, 4, []],
    ['four Macs, ring', 1, 3, ['no cable between studio-1 and studio-3']],
    ['four Macs, star', 2, 4, ['no cable between studio-2 and studio-4']],
    ['four Macs, full mesh, RDMA off on one', 1, 3, ['rdma-disabled on studio-3 (rdma_ctl enable, in Recovery)']],
    ['four Macs, full mesh, RDMA off on one', 1, 2, []],
    ['four Macs, full mesh, one on macOS 26.1', 2, 3, ['macOS 26.1 < 26.2 on studio-2']],
    [
      'four Macs, full mesh, bridge on one',
      1,
      4,
      ['Thunderbolt bridge active on studio-4 (bridge0: exo thunderbolt plan shows how to turn it off)'],
    ],
    ['two Macs, Thunderbolt 4', 1, 2, ['cable between studio-1 and studio-2 runs at 40 Gb/s: RDMA needs Thunderbolt 5 ports and cable']],
    ['two Macs, a dead port', 1, 2, ['rdma_en3 is down on studio-2']],
    [
      'two Macs, the socket next to Ethernet',
      1,
      2,
      ['rdma_en2 is down on studio-1: the port next to Ethernet does not support RDMA, move the cable to another'],
    ],
  ])('%s: %i and %i', (layout, a, b, obstacles) => expect(rdmaObstacles(factsOf(layout), id(a), id(b))).toEqual(obstacles))

  it('says which end sees a cable alone', () => {
    const oneSided = change(factsOf('two Macs'), 2, (facts) => ({
      ...facts,
      thunderboltPorts: facts.thunderboltPorts.map((port) => ({ ...port, peerDomainUuids: [] })),
    }))
    expect(rdmaObstacles(oneSided, id(1), id(2))).toEqual(['cable between studio-1 and studio-2 seen only from studio-1'])
  })
  it('is satisfied by one good cable of two', () => {
    const facts = change(factsOf('two Macs, two cables'), 1, (own) => ({
      ...own,
      thunderboltPorts: own.thunderboltPorts.map((port) => (port.deviceName === 'en3' ? { ...port, portState: 'down' as const } : port)),
    }))
    expect([rdmaObstacles(facts, id(1), id(2)), linksOf(facts)]).toEqual([[], ['1 rdma_en4 2', '2 rdma_en4 1']])
  })
  it('agrees with the links in every layout', () => {
    for (const layout of Object.keys(macLayouts) as MacLayout[]) {
      const facts = factsOf(layout)
      const linked = new Set(rdmaLinks(facts).map(({ from, to }) => `${from} ${to}`))
      for (const a of facts.keys())
        for (const b of facts.keys())
          if (a !== b) expect([layout, a, b, rdmaObstacles(facts, a, b).length === 0]).toEqual([layout, a, b, linked.has(`${a} ${b}`)])
    }
  })
  it('knows that Linux has none', () => {
    const facts = change(factsOf('two Macs'), 2, (own) => ({
      ...own,
      platform: 'linux',
      osVersion: '6.1.0',
      rdma: 'absent',
      thunderboltPorts: [],
    }))
    expect(rdmaObstacles(facts, id(1), id(2))).toEqual([
      'no RDMA on studio-2 (requires a Mac with Thunderbolt 5)',
      'no cable between studio-1 and studio-2',
    ])
  })
  it('knows a node that has not told yet', () => expect(rdmaObstacles(factsOf('one Mac'), id(1), id(2))).toEqual(['studio-2 is not known']))
})
