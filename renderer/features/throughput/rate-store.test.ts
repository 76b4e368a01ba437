import { describe, expect, it } from 'vitest'
import { ClusterView } from '../../../main/shared/cluster-view.ts'
import { hasMoved, sampleRates } from './rate-store.ts'

const anInstance = {
  modelId: 'org/a',
  strategy: 'pipeline',
  backend: 'ring',
  epoch: 1,
  status: 'ready',
  shards: [],
  rdmaMatrix: null,
  decodeTokensPerSecond: null,
  prefillTokensPerSecond: null,
}
const viewOf = (instances: Readonly<Record<string, object>>): ClusterView =>
  ClusterView.parse({
    nodeId: 'n',
    clusterName: 'desk',
    leader: null,
    nodes: {},
    links: [],
    downloads: [],
    instances: Object.fromEntries(Object.entries(instances).map(([id, part]) => [id, { ...anInstance, ...part }])),
  })

describe('sampleRates', () => {
  it('adds up rates and requests, and takes the mean of the times to first token that there are', () => {
    const view = viewOf({
      a: { decodeTokensPerSecond: 20, prefillTokensPerSecond: 100, running: 2, waiting: 1, ttftMs: 300 },
      b: { decodeTokensPerSecond: 10, running: 1, ttftMs: 100 },
      c: {},
    })
    expect(sampleRates(view, 5)).toEqual({
      atMs: 5,
      decodeTokensPerSecond: 30,
      prefillTokensPerSecond: 100,
      ttftMs: 200,
      running: 3,
      waiting: 1,
    })
    expect(sampleRates(viewOf({}), 6)).toMatchObject({ ttftMs: null, running: 0 })
  })
})

describe('hasMoved', () => {
  const rest = sampleRates(viewOf({}), 0)
  it('is about requests, not about how fast they are', () => {
    const busy = { ...rest, running: 1, decodeTokensPerSecond: 20 }
    expect([hasMoved(rest, { ...rest, atMs: 1 }), hasMoved(busy, { ...busy, decodeTokensPerSecond: 21 })]).toEqual([false, false])
    expect([
      hasMoved(rest, busy),
      hasMoved(busy, rest),
      hasMoved(busy, { ...busy, ttftMs: 40 }),
      hasMoved(busy, { ...busy, waiting: 1 }),
    ]).toEqual([true, true, true, true])
  })
})
