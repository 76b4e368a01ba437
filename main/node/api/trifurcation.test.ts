import { beforeEach, describe, expect, it } from 'vitest'
import {
  aCard,
  aPlacement,
  after,
  aRequest,
  becameReady,
  created,
  ethernet,
  GB,
  joined,
} from '../../domain/cluster/__fixtures__/builders.ts'
import { applyEvent } from '../../domain/cluster/replication/apply-event.ts'
import type { ClusterState } from '../../domain/cluster/cluster-state.ts'
import { clusterTopology } from '../../domain/placement/cluster-topology.ts'
import { AppError } from '../../shared/app-error.ts'
import { InstanceId, type NodeId } from '../../shared/ids.ts'
import type { PlacementRequest } from '../../shared/placement.ts'
import type { ClusterEvent } from '../../shared/wire/peer/cluster-event.ts'
import { createTrifurcation } from './trifurcation.ts'

const signal = new AbortController().signal
const free = { a: 50 * GB, b: 40 * GB, c: 30 * GB } as Record<NodeId, number>

describe('createTrifurcation', () => {
  let state: ClusterState
  let requests: PlacementRequest[]
  let removed: string[]
  let refusal: AppError | null

  const trifurcation = createTrifurcation({
    control: {
      state: () => state,
      place: async (card, request) => {
        if (refusal && requests.length > 0) throw refusal
        const instanceId = InstanceId.parse(`placed-${requests.push(request)}`)
        state = applyEvent(state, created(instanceId, aPlacement(...(request.onlyNodes ?? [])), { card }))
        return instanceId
      },
      remove: async (instanceId) => {
        removed.push(instanceId)
        state = applyEvent(state, { type: 'instance-deleted', instanceId, reason: '' })
      },
    },
    card: async (model) => {
      if (model === 'gone') throw new AppError('model-not-found', 'There is no model gone.')
      return aCard({ modelId: `org/${model}` as never })
    },
    topology: () => clusterTopology(state, free),
    defaultRequest: aRequest(),
    random: { seed: () => '7' },
  })
  const assign = (models: { main?: string; validator?: string | null; speculative?: string | null } = {}) =>
    trifurcation.assignGroups({ main: 'model', validator: null, speculative: null, ...models }, signal)

  beforeEach(() => {
    state = after(...joined('a', 'b', 'c'))
    state = [...ethernet('a', 'b'), ...ethernet('b', 'c')].reduce((next, link) => applyEvent(next, { type: 'link-observed', link }), state)
    requests = []
    removed = []
    refusal = null
  })

  it('places what is not there on disjoint nodes, once', async () => {
    const groups = await assign({ validator: 'guard' })
    expect(groups).toMatchObject([
      { role: 'validator', trit: -1, model: 'org/guard', nodes: ['c'], sharesWith: [], notice: null },
      { role: 'main', trit: 0, model: 'org/model', nodes: ['a'], sharesWith: [], notice: null },
      {
        role: 'speculative',
        trit: 1,
        model: 'org/model',
        nodes: ['b'],
        sharesWith: [],
        notice: 'No speculative model was given, so org/model takes its place.',
      },
    ])
    expect(new Set(groups.map(({ instanceId }) => instanceId)).size).toBe(3)
    expect(requests.map(({ onlyNodes }) => onlyNodes)).toEqual([['a'], ['b'], ['c']])
    expect(await assign({ validator: 'guard' })).toEqual(groups)
    expect(requests).toHaveLength(3)
  })

  it('has the main model stand in for one that is not to be had, and refuses an unknown main model', async () => {
    const [validator] = await assign({ validator: 'gone' })
    expect(validator).toMatchObject({
      model: 'org/model',
      notice: 'org/model takes the place of the validator model: There is no model gone.',
    })
    await expect(assign({ main: 'gone' })).rejects.toMatchObject({ code: 'model-not-found' })
  })

  it('goes on with the main instance where the leader places no other', async () => {
    refusal = new AppError('not-enough-memory', 'There is no room.')
    const groups = await assign({ speculative: 'small' })
    expect(new Set(groups.map(({ instanceId }) => instanceId))).toEqual(new Set(['placed-1']))
    expect(groups).toMatchObject([
      { sharesWith: ['main', 'speculative'] },
      { notice: null },
      { model: 'org/model', notice: 'org/model takes the place of the speculative model: There is no room.' },
    ])
  })

  it('tries again what it had placed and what failed', async () => {
    const events: ClusterEvent[] = [
      created('x', aPlacement('b'), { request: aRequest({ onlyNodes: ['b' as NodeId] }) }),
      { type: 'instance-status', instanceId: InstanceId.parse('x'), epoch: 1, status: 'failed', reasons: [] },
      created('y', aPlacement('a')),
      ...becameReady('y', 1, 1),
    ]
    state = events.reduce(applyEvent, state)
    const groups = await assign()
    expect(removed).toEqual(['x'])
    expect(groups[1]?.instanceId).toBe('y')
  })
})
