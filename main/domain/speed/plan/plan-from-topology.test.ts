import { describe, expect, it } from 'vitest'
import { aLargeCard, cable, ethernet, GB } from '../../cluster/__fixtures__/builders.ts'
import { planFromTopology } from './plan-from-topology.ts'

/** Processor time of this thread, because other programs use the machine too. */
const threadMs = (): number => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

const card = aLargeCard()
const node = (gigabytes: number): object => ({ totalBytes: gigabytes * GB, availableBytes: gigabytes * GB })
const brief = ({ strategy, backend, shards }: ReturnType<typeof planFromTopology>): unknown => [
  strategy,
  backend,
  shards.map(({ nodeId, stage }) => `${nodeId}:${stage}`),
]

describe('planFromTopology', () => {
  it('plans on a file of the least that it must say', () => {
    const links = [
      { from: 'a', to: 'b', kind: 'tcp', address: '10.0.0.2' },
      { from: 'b', to: 'a', kind: 'tcp', address: '10.0.0.1' },
    ]
    const plan = planFromTopology(card, { nodes: { a: node(32), b: node(24) }, links }, { contextTokens: 4096 })
    expect(plan).toMatchObject({ strategy: 'pipeline', backend: 'ring', jacclRing: false, rdmaMatrix: null })
    expect(plan.shards.reduce((sum, shard) => sum + shard.weightBytes, 0)).toBe(40 * GB)
    expect(plan.shards.map(({ nodeId, rank, stage, layers }) => ({ nodeId, rank, stage, layers }))).toEqual([
      { nodeId: 'a', rank: 0, stage: 1, layers: { start: 34, end: 80 } },
      { nodeId: 'b', rank: 1, stage: 0, layers: { start: 0, end: 34 } },
    ])
  })

  it('accepts a saved state with additional fields', () => {
    const saved = {
      nodeId: 'a',
      nodes: { a: { ...node(64), name: 'desk', status: 'leader', addresses: [] } },
      links: [],
      instances: {},
      downloads: [],
    }
    expect(brief(planFromTopology(card, saved, { contextTokens: 4096 }))).toEqual(['pipeline', 'local', ['a:0']])
  })

  it('asks for no network where only cables are told', () => {
    const nodes = { a: node(16), b: node(16), c: node(16), d: node(16) }
    const ring = [
      ...cable('a', 'en2', 'b', 'en2'),
      ...cable('b', 'en3', 'c', 'en2'),
      ...cable('c', 'en3', 'd', 'en2'),
      ...cable('d', 'en3', 'a', 'en3'),
    ]
    const plan = planFromTopology({ ...card, strategies: ['pipeline'] }, { nodes, links: ring }, { contextTokens: 4096, minNodes: 4 })
    expect([plan.backend, plan.jacclRing]).toEqual(['jaccl', true])
    const partly = [...ring, ...ethernet('a', 'b')]
    expect(() => planFromTopology(card, { nodes, links: partly }, { contextTokens: 4096, minNodes: 4 })).toThrow(
      expect.objectContaining({ code: 'not-connected' }),
    )
  })

  it('plans on a mesh of 32 Macs within 50 ms', () => {
    const macs = Array.from({ length: 32 }, (_, index) => `mac-${index + 1}`)
    const topology = {
      nodes: Object.fromEntries(macs.map((name) => [name, node(16)])),
      links: macs.flatMap((a, index) => macs.slice(index + 1).flatMap((b) => cable(a, `to-${b}`, b, `to-${a}`))),
    }
    const tookMs = Math.min(
      ...[0, 1, 2].map(() => {
        const start = threadMs()
        const plan = planFromTopology(card, topology, { contextTokens: 4096, minNodes: 32 })
        expect([plan.backend, plan.jacclRing, plan.shards.length]).toEqual(['jaccl', true, 32])
        expect(plan.fallbacks[0]).toEqual({
          from: 'JACCL mesh',
          to: 'JACCL ring',
          reason: 'a JACCL mesh supports up to 8 Macs, and there are 32',
        })
        return threadMs() - start
      }),
    )
    expect(tookMs).toBeLessThan(50)
  })

  it('plans on 1,000 nodes for each goal, with a forecast, within 2 s', () => {
    const names = Array.from({ length: 1000 }, (_, index) => `n${String(index).padStart(4, '0')}`)
    const topology = {
      nodes: Object.fromEntries(names.map((name, index) => [name, { ...node(8 + (index % 9)), chip: 'Apple M4' }])),
      links: names.flatMap((a, index) => [1, 2, 3].flatMap((step) => ethernet(a, names[(index + step) % names.length] ?? a))),
    }
    for (const optimize of ['memory', 'latency', 'throughput'] as const) {
      const start = threadMs()
      const plan = planFromTopology(card, topology, { contextTokens: 4096, optimize })
      expect(plan.speed).toHaveProperty('decode')
      expect(threadMs() - start).toBeLessThan(2000)
    }
  })

  it('says what is missing', () => {
    expect(() => planFromTopology(card, { nodes: { a: node(32) }, links: [] }, { contextTokens: 4096 })).toThrow(
      expect.objectContaining({
        code: 'not-enough-memory',
        details: expect.objectContaining({ missingBytes: expect.closeTo((40 * GB + 2 * 80 * 8 * 128 * 2 * 4096) / 0.9 - 32 * GB, -4) }),
      }),
    )
  })

  it('refuses a file that is no topology', () => {
    expect(() => planFromTopology(card, { nodes: [] })).toThrow(expect.objectContaining({ name: 'ZodError' }))
    expect(() => planFromTopology(card, { nodes: { a: node(64) }, links: [{ from: 'a', to: 'b', kind: 'tcp' }] })).toThrow(
      expect.objectContaining({ name: 'ZodError' }),
    )
  })
})
