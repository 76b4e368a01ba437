import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NodeId } from '../../../shared/ids.ts'
import { DialTargets, type DialTarget, type KnownLink } from './dial-targets.ts'

const nodeId = NodeId.parse('b')
const target = (overrides: Partial<DialTarget> = {}): DialTarget => ({
  host: '10.0.0.2',
  port: 7000,
  nodeId,
  isStatic: false,
  delayMs: 0,
  ...overrides,
})
const unlinked = (): null => null
const linked = (): KnownLink => ({ host: '10.0.0.2', isQuiet: false })

/** The times at which the address is dialled up to `endMs`, when each dial fails after 10 ms. */
function dialTimes(targets: DialTargets, endMs: number, ratio: number): number[] {
  const times: number[] = []
  for (let nowMs = 0; nowMs <= endMs; nowMs += 10) {
    for (const taken of targets.take(nowMs, unlinked)) {
      times.push(nowMs)
      targets.failed(taken, nowMs + 10, ratio)
    }
  }
  return times
}

describe('DialTargets', () => {
  it('tries again ever later, up to two seconds', () => {
    const targets = new DialTargets()
    targets.learn(target({ isStatic: true }), 0)
    const times = dialTimes(targets, 12_000, 0.999)
    const distances = times.slice(1).map((time, index) => time - times[index]!)
    expect(distances.slice(0, 4)).toEqual([260, 510, 1010, 2010])
    expect(Math.max(...distances)).toBe(2010)
  })

  it('tries the best address first', () => {
    const targets = new DialTargets()
    targets.learn(target({ host: 'wifi', delayMs: 200 }), 0)
    targets.learn(target({ host: 'cable' }), 0)
    expect(targets.take(0, unlinked).map(({ host }) => host)).toEqual(['cable'])
    expect(targets.take(200, unlinked).map(({ host }) => host)).toEqual(['wifi'])
  })

  it('does not dial a node that is linked, and dials at once when the link is lost', () => {
    const targets = new DialTargets()
    targets.learn(target({ nodeId: null, isStatic: true }), 0)
    expect(targets.take(0, unlinked)).toHaveLength(1)
    targets.succeeded(target(), nodeId, 50)
    expect(targets.take(100_000, linked)).toEqual([])
    targets.lost(nodeId, 100_000, 0.5)
    expect([targets.take(100_124, unlinked).length, targets.take(100_125, unlinked).length]).toEqual([0, 1])
  })

  it('F5: dials the other addresses of a linked node while its link is quiet', () => {
    const targets = new DialTargets()
    for (const host of ['10.0.0.2', '10.9.9.2']) targets.learn(target({ host }), 0)
    expect(targets.take(100, linked)).toEqual([])
    expect(targets.take(200, () => ({ ...linked(), isQuiet: true })).map(({ host }) => host)).toEqual(['10.9.9.2'])
  })

  it('dials an address once at a time', () => {
    const targets = new DialTargets()
    targets.learn(target(), 0)
    expect([targets.take(0, unlinked).length, targets.take(50, unlinked).length]).toEqual([1, 0])
  })

  it('forgets an address that was not announced for a minute, but never a static one', () => {
    const targets = new DialTargets()
    targets.learn(target(), 0)
    targets.learn(target({ host: 'static', isStatic: true }), 0)
    const times = dialTimes(targets, 120_000, 0.5)
    expect(times.filter((time) => time > 61_000).length).toBeGreaterThan(10)
    expect(targets.take(200_000, unlinked).map(({ host }) => host)).toEqual(['static'])
  })

  it('leaves a node that refused us alone for a while', () => {
    const targets = new DialTargets()
    targets.learn(target(), 0)
    targets.take(0, unlinked)
    targets.refused(target(), 0, 0)
    targets.learn(target(), 5000)
    expect([targets.take(7400, unlinked).length, targets.take(7500, unlinked).length]).toEqual([0, 1])
  })

  it('bounds its addresses and dials, regardless of what is announced', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), (count) => {
        const targets = new DialTargets()
        for (let port = 1; port <= count; port += 1) targets.learn(target({ port, nodeId: null }), 0)
        let dialled = 0
        for (let taken = targets.take(0, unlinked); taken.length > 0; taken = targets.take(0, unlinked)) {
          if (taken.length > 32) return false
          dialled += taken.length
          for (const address of taken) targets.refused(address, 0, 0)
        }
        return dialled === Math.min(count, 1024)
      }),
      { numRuns: 20 },
    )
  })
})
