import { describe, expect, it } from 'vitest'
import type { Placement } from '../../shared/placement.ts'
import { Topology } from '../../shared/topology.ts'
import { aCard, aRequest, cable, ethernet, GB } from '../cluster/__fixtures__/builders.ts'
import { placeWithContext } from '../placement/place-with-context.ts'
import { balanceLayers } from './balance-layers.ts'
import { forecastSpeed, likelyTokensPerSecond } from './forecast-speed.ts'
import { placeForGoal } from './place-for-goal.ts'

const card = aCard({
  layers: 32,
  weightBytes: 40 * GB,
  hiddenSize: 4096,
  vocabSize: 32_000,
  attentionHeads: 32,
  kvHeads: 8,
  headDim: 128,
  contextTokens: 8192,
})
const machine = (chip: string, gigabytes: number): object => ({
  chip,
  totalBytes: 64 * 2 ** 30,
  availableBytes: gigabytes * GB,
  rdma: 'enabled',
  osVersion: '26.2',
})
const links = [...cable('a', 'en2', 'b', 'en2'), ...ethernet('a', 'b')]
const pair = (a: object, b: object): Topology => Topology.parse({ nodes: { a, b }, links })
/** A fast machine that is short of memory, and a slow one with more of it. */
const unequal = pair(machine('Apple M4 Max', 40), machine('Apple M1 Max', 50))
const request = aRequest({ strategy: 'pipeline', contextTokens: 8192, minNodes: 2, headroomRatio: 0 })
const layersOf = (placement: Placement): Record<string, number> =>
  Object.fromEntries(placement.shards.map(({ nodeId, layers }) => [nodeId, layers.end - layers.start]))
const totalBytes = ({ shards }: Placement): number => shards.reduce((sum, { weightBytes }) => sum + weightBytes, 0)
const speedOf = (placement: Placement, topology: Topology): number => {
  const forecast = forecastSpeed(card, placement, topology)
  return 'unknown' in forecast ? 0 : likelyTokensPerSecond(forecast, 8192)
}

describe('layers by the speed of unequal machines', () => {
  const byMemory = placeWithContext(card, unequal, request)

  it('fill the fastest machine for one request', () => {
    const balanced = balanceLayers(card, byMemory, unequal, request, 'latency')
    expect(layersOf(byMemory)['a']).toBeLessThan(16)
    expect(layersOf(balanced)['a']).toBeGreaterThan(25)
    expect(speedOf(balanced, unequal)).toBeGreaterThan(1.05 * speedOf(byMemory, unequal))
  })

  it('take the same time in each machine for many requests', () => {
    const { a = 0, b = 0 } = layersOf(balanceLayers(card, byMemory, unequal, request, 'throughput'))
    expect(a + b).toBe(32)
    expect(a).toBeGreaterThan(b)
    expect(b).toBeGreaterThan(8)
  })

  it.each(['latency', 'throughput'] as const)('stay within the memory and cover every layer once, for %s', (goal) => {
    for (const gigabytes of [9, 15, 22, 30]) {
      const topology = pair(machine('Apple M4 Max', gigabytes), machine('Apple M1 Max', 50))
      const balanced = balanceLayers(card, placeWithContext(card, topology, request), topology, request, goal)
      for (const { nodeId, weightBytes, kvBytes } of balanced.shards)
        expect(weightBytes + kvBytes).toBeLessThanOrEqual(topology.nodes[nodeId]?.availableBytes ?? 0)
      const stages = balanced.shards.toReversed().map(({ layers }) => layers)
      expect(stages[0]?.start).toBe(0)
      expect(stages[0]?.end).toBe(stages[1]?.start)
      expect(stages[1]?.end).toBe(32)
      expect(totalBytes(balanced)).toBe(totalBytes(byMemory))
    }
  })

  it('are left alone in tensor parallelism, on one machine, and where a speed is unknown', () => {
    const unknown = pair(machine('Apple M4 Max', 40), machine('Intel Core i9', 50))
    const placement = placeWithContext(card, unknown, request)
    expect(balanceLayers(card, placement, unknown, request, 'latency')).toBe(placement)
    const tensor = placeWithContext(card, unequal, { ...request, strategy: 'tensor' })
    expect(balanceLayers(card, tensor, unequal, request, 'latency')).toBe(tensor)
  })

  it('are chosen where a goal is set, and equal machines keep equal shares', () => {
    expect(layersOf(placeForGoal(card, unequal, { ...request, optimize: 'latency' }))['a']).toBeGreaterThan(25)
    const equal = pair(machine('Apple M4 Max', 45), machine('Apple M4 Max', 45))
    const counts = Object.values(layersOf(placeForGoal(card, equal, { ...request, optimize: 'latency' })))
    expect(Math.abs((counts[0] ?? 0) - (counts[1] ?? 0))).toBeLessThanOrEqual(2)
  })
})
