import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InstanceId, NodeId } from '../../shared/ids.ts'
import type { ModelCard } from '../../shared/models/model-card.ts'
import type { Topology } from '../../shared/topology.ts'
import type { TrifurcatedRole } from '../../shared/wire/api/trifurcated.ts'
import { aCard, aPlacement, aRequest, ethernet, GB } from '../cluster/__fixtures__/builders.ts'
import { assignDeviceGroups, type DeviceGroup, type DeviceGroupInput } from './assign-device-groups.ts'

const main = aCard({ modelId: 'org/main' as never })
const guard = aCard({ modelId: 'org/guard' as never, weightBytes: 2 * GB })
const huge = aCard({ modelId: 'org/huge' as never, weightBytes: 100 * GB })

/** Nodes by free gigabytes, all linked. */
function machines(free: Readonly<Record<string, number>>): Topology {
  const names = Object.keys(free)
  const nodes = Object.fromEntries(
    Object.entries(free).map(([name, gigabytes]) => [name, { totalBytes: 64 * GB, availableBytes: gigabytes * GB }]),
  )
  return { nodes, links: names.flatMap((a, index) => names.slice(index + 1).flatMap((b) => ethernet(a, b))) }
}

function serving(id: string, card: ModelCard, ...nodes: string[]): DeviceGroupInput['instances'][number] {
  return { instanceId: InstanceId.parse(id), card, placement: aPlacement(...nodes), status: 'ready' }
}

const request = aRequest({ headroomRatio: 0 })
const assign = (topology: Topology, changes: Partial<DeviceGroupInput> = {}): DeviceGroup[] =>
  assignDeviceGroups({ cards: { validator: main, main, speculative: main }, topology, instances: [], request, ...changes })
const summary = (groups: readonly DeviceGroup[]): string[] =>
  groups.map(({ role, card, with: partner, instanceId, nodes, sharesWith }) =>
    [
      role,
      card.modelId,
      instanceId ?? (partner ? `of ${partner}` : 'new'),
      nodes.join('+'),
      ...(sharesWith.length > 0 ? [`shares with ${sharesWith.join(', ')}`] : []),
    ].join(' '),
  )

describe('assignDeviceGroups', () => {
  it('gives each role a node of its own where there are three', () => {
    expect(summary(assign(machines({ a: 20, b: 18, c: 16 })))).toEqual([
      'validator org/main new c',
      'main org/main new a',
      'speculative org/main new b',
    ])
  })

  it('uses the instances that are there before it places more', () => {
    const instances = [serving('x', main, 'b'), serving('y', main, 'a', 'b', 'c')]
    expect(summary(assign(machines({ a: 20, b: 8, c: 16 }), { instances }))).toEqual([
      'validator org/main new c',
      'main org/main x b',
      'speculative org/main new a',
    ])
  })

  it('lets the validator, which works last, share with the main model on two nodes, and all share on one', () => {
    expect(summary(assign(machines({ a: 20, b: 18 })))).toEqual([
      'validator org/main of main a shares with main',
      'main org/main new a shares with validator',
      'speculative org/main new b',
    ])
    expect(summary(assign(machines({ a: 20 }), { instances: [serving('x', main, 'a')] }))).toEqual([
      'validator org/main x a shares with main, speculative',
      'main org/main x a shares with validator, speculative',
      'speculative org/main x a shares with validator, main',
    ])
  })

  it('places another model beside the main one where that is the only node', () => {
    const groups = assign(machines({ a: 30 }), { cards: { validator: guard, main, speculative: main } })
    expect(summary(groups)[0]).toBe('validator org/guard new a shares with main, speculative')
  })

  it('leaves the largest node to the model that fits nowhere else', () => {
    const groups = assign(machines({ a: 120, b: 10, c: 10 }), { cards: { validator: huge, main, speculative: main } })
    expect(summary(groups)).toEqual(['validator org/huge new a', 'main org/main new b', 'speculative org/main new c'])
  })

  it('has the main model stand in for one that fits nowhere, and says why', () => {
    const [validator] = assign(machines({ a: 20, b: 20 }), { cards: { validator: huge, main, speculative: main } })
    expect(validator).toMatchObject({ card: { modelId: 'org/main' }, with: 'main', nodes: ['a'], sharesWith: ['main'] })
    expect(validator?.obstacle).toContain('org/huge does not fit beside the other models')
  })

  it('says what is missing where the main model fits nowhere, and takes no failed instance', () => {
    const failed = { ...serving('x', main, 'a'), status: 'failed' as const }
    expect(() => assign(machines({ a: 1 }), { instances: [failed] })).toThrow(expect.objectContaining({ code: 'not-enough-memory' }))
    expect(() => assign({ nodes: {}, links: [] })).toThrow(expect.objectContaining({ code: 'no-nodes' }))
  })
})

describe('assignDeviceGroups, for any cluster', () => {
  const names = ['a', 'b', 'c', 'd', 'e']
  const cardOf = fc.constantFrom(main, guard, huge)
  const cluster = fc.record({
    free: fc.array(fc.integer({ min: 0, max: 130 }), { minLength: 1, maxLength: names.length }),
    cards: fc.record({ validator: cardOf, main: fc.constant(main), speculative: cardOf }),
    instances: fc.array(fc.tuple(cardOf, fc.subarray(names.slice(0, 3), { minLength: 1 }), fc.constantFrom('ready', 'loading', 'failed')), {
      maxLength: 4,
    }),
  })

  it('gives every role a group of nodes that are there, and says truly which groups overlap', () => {
    fc.assert(
      fc.property(cluster, ({ free, cards, instances }) => {
        const topology = machines(Object.fromEntries(free.map((gigabytes, index) => [names[index], gigabytes])))
        const there = instances
          .filter(([, nodes]) => nodes.every((node) => Object.hasOwn(topology.nodes, node)))
          .map(([card, nodes, status], index) => ({ ...serving(`instance-${index}`, card, ...nodes), status }))
        const input = { cards, topology, instances: there }
        let groups: DeviceGroup[]
        try {
          groups = assign(topology, input)
        } catch (error) {
          expect(error).toMatchObject({ name: 'AppError', code: expect.any(String) })
          return
        }
        expect(groups.map(({ role }) => role)).toEqual(['validator', 'main', 'speculative'] satisfies TrifurcatedRole[])
        expect(assign(topology, input)).toEqual(groups)
        for (const { role, nodes, instanceId, card, with: partner, sharesWith, obstacle } of groups) {
          expect(nodes.length).toBeGreaterThan(0)
          expect(nodes.every((node) => Object.hasOwn(topology.nodes, node))).toBe(true)
          expect(sharesWith).toEqual(
            groups.filter((other) => other.role !== role && other.nodes.some((node) => nodes.includes(node))).map((other) => other.role),
          )
          if (card.modelId !== cards[role].modelId) expect(obstacle).not.toBeNull()
          if (instanceId !== null)
            expect(there.find((instance) => instance.instanceId === instanceId)).toMatchObject({ card: { modelId: card.modelId } })
          if (partner !== null) expect(groups.find((other) => other.role === partner)).toMatchObject({ nodes, instanceId, with: null })
        }
      }),
      { numRuns: 200 },
    )
  })

  it('finds three disjoint groups wherever three nodes can each hold any of the models', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 110, max: 500 }), { minLength: 3, maxLength: 5 }), cluster, (free, { cards }) => {
        const groups = assign(machines(Object.fromEntries(free.map((gigabytes, index) => [names[index], gigabytes]))), { cards })
        const nodes = groups.flatMap((group) => group.nodes)
        return (
          new Set(nodes).size === nodes.length &&
          groups.every(({ sharesWith }) => sharesWith.length === 0) &&
          nodes.every((node) => NodeId.safeParse(node).success)
        )
      }),
      { numRuns: 50 },
    )
  })
})
