import { expect, it } from 'vitest'
import { aPlacement, after, created, joined } from '../../domain/cluster/__fixtures__/builders.ts'
import { applyEvent } from '../../domain/cluster/replication/apply-event.ts'
import type { ClusterState } from '../../domain/cluster/cluster-state.ts'
import { InstanceId, NodeId } from '../../shared/ids.ts'
import type { NodeSample } from '../../shared/wire/peer/node-report.ts'
import { awaitAbandoned } from './await-abandoned.ts'

const X = InstanceId.parse('x')
const [a, b] = [NodeId.parse('a'), NodeId.parse('b')]
const MINUTE_MS = 60_000

interface Story {
  readonly leaderName?: string | null
  /** The state at this time. */
  at?(nowMs: number, state: ClusterState): ClusterState
  loadedRatio?(nowMs: number): number
}

/** Waits for a model on node b for up to an hour. @returns the end of the wait: its time and message */
async function wait({ leaderName = 'studio-c', at = (_, same) => same, loadedRatio = () => 0 }: Story) {
  let nowMs = 0
  let state = after(...joined('a', 'b'), created('x', aPlacement('b')))
  const over = new AbortController()
  const sleep = async (ms: number): Promise<void> => {
    nowMs += ms
    if (nowMs > 60 * MINUTE_MS) throw new Error('an hour has passed')
    state = at(nowMs, state)
  }
  const sample = (): NodeSample => ({
    nodeId: b,
    epochMs: nowMs,
    availableBytes: 0,
    rates: [],
    downloads: [],
    shards: [{ instanceId: X, rank: 0, kvBytes: 0, loadedRatio: loadedRatio(nowMs), peakBytes: 0, sentBytes: 0 }],
  })
  const samples = (): Map<NodeId, NodeSample> => new Map([[b, sample()]])
  const cluster = { state: () => state, leaderName: () => leaderName }
  const end = await awaitAbandoned({ nodeId: a, cluster, samples, clock: { now: () => nowMs, sleep } }, X, over.signal).then(
    ({ code, message }) => `${code}: ${message}`,
    (error: Error) => error.message,
  )
  return { end, minutes: nowMs / MINUTE_MS }
}

const placedAgain =
  (everyMs: number) =>
  (nowMs: number, state: ClusterState): ClusterState =>
    nowMs % everyMs === 0
      ? applyEvent(state, {
          type: 'instance-replaced',
          instanceId: X,
          epoch: 1 + nowMs / everyMs,
          placement: aPlacement('b'),
          attempt: 1,
          reasons: [],
        })
      : state

it('A2: the wait for a model that no machine loads ends with the names of that machine and of the leader', async () => {
  const { end, minutes } = await wait({})
  expect(end).toBe(
    'instance-failed: b did not load its part of the model, and studio-c, which leads the cluster, did not place it elsewhere. ' +
      'Restart exo on these machines.',
  )
  expect(minutes).toBeLessThan(7)
  expect((await wait({ leaderName: null })).end).toContain('and no machine leads the cluster.')
})

it('A2: the wait for a model that is placed again and again ends', async () => {
  expect((await wait({ at: placedAgain(MINUTE_MS) })).end).toMatch(
    /^instance-failed: The model was placed 12 times.*Restart exo on studio-c/,
  )
})

it('a model that loads slowly, or is placed elsewhere a few times, is awaited', async () => {
  expect((await wait({ loadedRatio: (nowMs) => nowMs / (70 * MINUTE_MS) })).end).toBe('an hour has passed')
  expect((await wait({ at: placedAgain(5.5 * MINUTE_MS) })).end).toBe('an hour has passed')
})

it('a model that is not in the state yet, or is ready, is not abandoned', async () => {
  expect((await wait({ at: () => after(...joined('a', 'b')) })).end).toBe('an hour has passed')
})
