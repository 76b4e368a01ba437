import { describe, expect, it } from 'vitest'
import type { NodeId } from '../../shared/ids.ts'
import type { SpeedForecast } from '../../shared/speed/speed-forecast.ts'
import { Topology } from '../../shared/topology.ts'
import { aCard, aLargeCard, cable, ethernet, GB } from '../cluster/__fixtures__/builders.ts'
import { forecastSpeed } from './forecast-speed.ts'

const GiB = 2 ** 30
const card = aLargeCard({ contextTokens: 131_072 })
const node = (chip: string, gigabytes: number, more: object = {}): object => ({
  chip,
  totalBytes: gigabytes * GiB,
  availableBytes: gigabytes * 0.75 * GiB,
  ...more,
})
const shard = (name: string, rank: number, start: number, end: number) => ({
  nodeId: name as NodeId,
  rank,
  stage: 1 - rank,
  layers: { start, end },
  weightBytes: 20 * GB,
  kvBytes: GB,
})
const onOne = { strategy: 'pipeline', backend: 'local', shards: [shard('a', 0, 0, 80)] } as const
const onTwo = (strategy: 'pipeline' | 'tensor', backend: 'jaccl' | 'ring') =>
  strategy === 'tensor'
    ? { strategy, backend, shards: [shard('a', 0, 0, 80), shard('b', 1, 0, 80)] }
    : { strategy, backend, shards: [shard('a', 0, 40, 80), shard('b', 1, 0, 40)] }

function known(forecast: ReturnType<typeof forecastSpeed>): SpeedForecast {
  if ('unknown' in forecast) throw new Error(forecast.unknown)
  return forecast
}
const atStart = (forecast: ReturnType<typeof forecastSpeed>): number => known(forecast).decode[0]?.tokensPerSecond?.likely ?? 0

describe('forecastSpeed', () => {
  const two = (links: object[], chip = 'Apple M4 Max'): Topology =>
    Topology.parse({ nodes: { a: node(chip, 64), b: node(chip, 64) }, links })

  it('gives ranges for three lengths of the context, slower the longer it is', () => {
    const { decode, prefillTokensPerSecond, firstTokenSeconds, memoryLeft, basis } = known(
      forecastSpeed(card, onOne, Topology.parse({ nodes: { a: node('Apple M3 Ultra', 512) }, links: [] })),
    )
    expect(decode.map(({ contextTokens }) => contextTokens)).toEqual([0, 8192, 65_536])
    const likely = decode.map(({ tokensPerSecond }) => tokensPerSecond?.likely ?? 0)
    expect([...likely].sort((x, y) => y - x)).toEqual(likely)
    for (const range of [...decode.map(({ tokensPerSecond }) => tokensPerSecond), prefillTokensPerSecond, firstTokenSeconds]) {
      expect(range?.low).toBeLessThan(range?.likely ?? 0)
      expect(range?.high).toBeGreaterThan(range?.likely ?? 0)
    }
    expect(firstTokenSeconds.likely).toBeCloseTo(4096 / prefillTokensPerSecond.likely, 6)
    expect([basis, memoryLeft]).toEqual(['chips', [{ nodeId: 'a', bytes: 384 * GiB - 21 * GB }]])
  })

  it('has no speed for a context that the model does not have', () => {
    const { decode } = known(
      forecastSpeed({ ...card, contextTokens: 16_384 }, onOne, Topology.parse({ nodes: { a: node('Apple M4 Max', 64) }, links: [] })),
    )
    expect(decode.map(({ tokensPerSecond }) => tokensPerSecond !== null)).toEqual([true, true, false])
  })

  it('covers all variants that a machine may be', () => {
    const of = (more: object): SpeedForecast =>
      known(forecastSpeed(card, onOne, Topology.parse({ nodes: { a: node('Apple M2 Ultra', 128, more) }, links: [] })))
    const [either, small, large] = [of({}), of({ gpuCores: 60 }), of({ gpuCores: 76 })]
    expect(either.prefillTokensPerSecond.low).toBeCloseTo(small.prefillTokensPerSecond.low, 6)
    expect(either.prefillTokensPerSecond.high).toBeCloseTo(large.prefillTokensPerSecond.high, 6)
  })

  it('uses what a machine has measured instead of its chip', () => {
    const speed = { bytesPerSecond: 100e9, flopsPerSecond: 4e12, layerSeconds: 1e-4 }
    const measured = known(forecastSpeed(card, onOne, Topology.parse({ nodes: { a: node('Intel Core i9', 64, { speed }) }, links: [] })))
    expect(measured.basis).toBe('measured')
    // 40 GB without the embedding take 0.4 s; kernels take 8 ms.
    expect(measured.decode[0]?.tokensPerSecond?.likely).toBeGreaterThan(2.2)
    expect(measured.decode[0]?.tokensPerSecond?.likely).toBeLessThan(2.6)
  })

  it('says which machine it does not know', () => {
    const topology = Topology.parse({ nodes: { a: { ...node('Intel Core i9', 64), name: 'tower' } }, links: [] })
    expect(forecastSpeed(card, onOne, topology)).toEqual({
      unknown: 'The speed of tower is unknown: its chip "Intel Core i9" is not in the table. Run exo calibrate on it.',
    })
  })

  it('makes two machines faster than one with RDMA, and slower in tensor parallel over TCP', () => {
    const one = atStart(forecastSpeed(card, onOne, two([])))
    const rdma = atStart(forecastSpeed(card, onTwo('tensor', 'jaccl'), two(cable('a', 'en2', 'b', 'en2'))))
    const wifi = atStart(forecastSpeed(card, onTwo('tensor', 'ring'), two(ethernet('a', 'b', { medium: 'wifi', roundTripMs: null }))))
    const pipeline = atStart(forecastSpeed(card, onTwo('pipeline', 'ring'), two(ethernet('a', 'b'))))
    expect(rdma).toBeGreaterThan(one * 1.5)
    expect(wifi).toBeLessThan(one * 0.3)
    expect(pipeline).toBeGreaterThan(one * 0.9)
    expect(pipeline).toBeLessThan(one * 1.1)
  })

  it('uses the measured round trip of a path', () => {
    const slow = atStart(forecastSpeed(card, onTwo('tensor', 'ring'), two(ethernet('a', 'b', { roundTripMs: 10 }))))
    const fast = atStart(forecastSpeed(card, onTwo('tensor', 'ring'), two(ethernet('a', 'b', { roundTripMs: 0.2 }))))
    expect(fast).toBeGreaterThan(slow * 5)
  })

  it('reads only the chosen experts', () => {
    const mixture = aCard({ ...card, expertWidth: 3584, experts: { count: 64, perToken: 4 }, layers: 48, hiddenSize: 2048 })
    const dense = aCard({ ...mixture, experts: undefined })
    const topology = Topology.parse({ nodes: { a: node('Apple M4 Max', 64) }, links: [] })
    expect(atStart(forecastSpeed(mixture, onOne, topology))).toBeGreaterThan(2 * atStart(forecastSpeed(dense, onOne, topology)))
  })
})
