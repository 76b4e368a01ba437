import { describe, expect, it } from 'vitest'
import type { ClusterView } from '../../../../main/shared/cluster-view.ts'
import { answerWait, remainingMs } from './answer-wait.ts'

const view = ({ instance = null, waiting = 0, shards = [] as object[], downloads = [] as object[] }: any): ClusterView =>
  ({
    nodes: { a: { name: 'studio-1' } },
    instances:
      instance === null
        ? {}
        : { i: { modelId: 'org/m', status: instance, waiting, shards }, other: { modelId: 'org/x', status: 'ready', shards: [] } },
    downloads: [{ modelId: 'org/other', status: 'running', doneBytes: 1, totalBytes: 2 }, ...downloads],
  }) as unknown as ClusterView
const prefill = { type: 'prefill' as const, doneTokens: 2_100, totalTokens: 5_000 }

describe('what an answer waits for', () => {
  it.each([
    [
      'a download',
      view({ downloads: [{ modelId: 'org/m', status: 'running', doneBytes: 3, totalBytes: 18 }] }),
      undefined,
      { kind: 'downloading', done: 3, total: 18 },
    ],
    [
      'a paused download is none',
      view({ downloads: [{ modelId: 'org/m', status: 'paused', doneBytes: 3, totalBytes: 18 }] }),
      undefined,
      { kind: 'starting' },
    ],
    [
      'the slowest machine that loads',
      view({ instance: 'loading', shards: [{ loadedRatio: 0.9 }, { loadedRatio: 0.42 }] }),
      undefined,
      { kind: 'loading', done: 0.42, total: 1 },
    ],
    [
      'recovery',
      view({ instance: 'recovering', shards: [{ nodeId: 'a' }, { nodeId: 'gone' }] }),
      prefill,
      { kind: 'reading', done: 2_100, total: 5_000 },
    ],
    [
      'recovery, on the machines that are here',
      view({ instance: 'recovering', shards: [{ nodeId: 'a' }, { nodeId: 'gone' }] }),
      undefined,
      { kind: 'recovering', machines: ['studio-1'] },
    ],
    ['other requests', view({ instance: 'ready', waiting: 3 }), undefined, { kind: 'queued', waiting: 3 }],
    ['its prompt', view({ instance: 'ready', waiting: 3 }), prefill, { kind: 'reading', done: 2_100, total: 5_000 }],
    ['its first token', view({ instance: 'ready' }), { ...prefill, doneTokens: 5_000 }, { kind: 'starting' }],
    ['a node that has told nothing', null, undefined, { kind: 'starting' }],
  ])('%s', (_, seen, read, expected) => expect(answerWait(seen, 'org/m', read)).toEqual(expected))

  it('takes as long as its pace so far says', () => {
    expect(remainingMs({ done: 0, atMs: 0 }, { done: 25, total: 100, atMs: 10_000 })).toBe(30_000)
    expect(remainingMs({ done: 0, atMs: 0 }, { done: 1, total: 100, atMs: 100 })).toBeNull()
    expect(remainingMs({ done: 5, atMs: 0 }, { done: 5, total: 100, atMs: 10_000 })).toBeNull()
  })
})
