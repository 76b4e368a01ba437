import { describe, expect, it } from 'vitest'
import { Topology } from '../../shared/topology.ts'
import { aCard, aRequest, cable, ethernet, GB } from '../cluster/__fixtures__/builders.ts'
import { PlacementError } from '../placement/placement-error.ts'
import { placeForGoal } from './place-for-goal.ts'

const card = aCard({
  layers: 32,
  weightBytes: 16 * GB,
  hiddenSize: 4096,
  vocabSize: 32_000,
  attentionHeads: 32,
  kvHeads: 8,
  headDim: 128,
  contextTokens: 32_768,
})
const machine = (chip: string): object => ({ chip, totalBytes: 64 * 2 ** 30, availableBytes: 48 * GB, rdma: 'enabled', osVersion: '26.2' })
const pair = (chip: string, links: object[]): Topology => Topology.parse({ nodes: { a: machine(chip), b: machine(chip) }, links })
const rdma = [...cable('a', 'en2', 'b', 'en2'), ...ethernet('a', 'b')]

describe('placeForGoal', () => {
  it.each([
    ['memory', 1, 'local'],
    ['latency', 2, 'jaccl'],
    ['throughput', 2, 'jaccl'],
  ] as const)('uses cables with RDMA as %s asks', (optimize, nodes, backend) => {
    const placement = placeForGoal(card, pair('Apple M4 Max', rdma), aRequest({ optimize, contextTokens: 8192 }))
    expect([placement.shards.length, placement.backend]).toEqual([nodes, backend])
  })

  it('stays on one node if the path is too slow for a second one', () => {
    const placement = placeForGoal(card, pair('Apple M4 Max', ethernet('a', 'b')), aRequest({ optimize: 'latency', contextTokens: 8192 }))
    expect(placement.backend).toBe('local')
  })

  it('names the reason if it cannot compare speeds', () => {
    const placement = placeForGoal(card, pair('Intel Core i9', rdma), aRequest({ optimize: 'latency', contextTokens: 8192 }))
    expect(placement.fallbacks).toEqual([
      { from: 'a placement for latency', to: 'the fewest nodes', reason: 'the speed of its machines is unknown' },
    ])
  })

  it('throws what an ordinary placement throws', () => {
    const huge = aCard({ ...card, weightBytes: 4000 * GB })
    expect(() => placeForGoal(huge, pair('Apple M4 Max', rdma), aRequest({ optimize: 'latency' }))).toThrow(PlacementError)
  })
})
