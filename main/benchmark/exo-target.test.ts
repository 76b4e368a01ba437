import { expect, it } from 'vitest'
import { exoTarget } from './exo-target.ts'
import type { HttpApi } from './benchmark-target.ts'

const clock = { now: () => 0, epochMs: () => 0, sleep: async () => undefined, every: () => undefined }
const signal = new AbortController().signal

/** A cluster of one node, which places every request as pipeline/local. */
function oneNode() {
  const deleted: string[] = []
  const instance = {
    modelId: 'org/m',
    strategy: 'pipeline',
    backend: 'local',
    epoch: 1,
    status: 'ready',
    shards: [],
    rdmaMatrix: null,
    decodeTokensPerSecond: null,
    prefillTokensPerSecond: null,
  }
  const shard = { nodeId: 'a', rank: 0, stage: 0, layers: { start: 0, end: 1 }, weightBytes: 1, residentBytes: 1, status: 'ready' }
  const answers: Record<string, unknown> = {
    '/models': { models: [{ modelId: 'org/m', aliases: ['m'] }] },
    '/state': {
      nodeId: 'a',
      clusterName: 'c',
      leader: null,
      nodes: {},
      links: [],
      instances: {
        i2: {
          ...instance,
          modelId: 'org/other',
          shards: [
            { ...shard, peakBytes: 5, sentBytes: 10 },
            { ...shard, nodeId: 'b', rank: 1, peakBytes: 6, sentBytes: 20 },
            { ...shard, rank: 2, peakBytes: 7 },
          ],
        },
      },
      downloads: [],
    },
    '/instance/i1': { ...instance, instanceId: 'i1' },
  }
  const api: HttpApi = {
    get: async (path) => answers[path],
    post: async () => ({ instanceId: 'i1' }),
    delete: async (path) => void deleted.push(path),
    stream: async function* () {},
  }
  return { target: exoTarget('http://node', api, clock), deleted }
}

it('measures no other placement than the one asked for, and takes it back', async () => {
  const { target, deleted } = oneNode()
  for (const wanted of [
    { strategy: 'tensor', backend: 'auto' },
    { strategy: 'auto', backend: 'ring' },
  ] as const) {
    await expect(target.prepare({ model: 'm', ...wanted }, signal)).rejects.toMatchObject({
      code: 'placed-otherwise',
      message: expect.stringContaining('pipeline/local'),
    })
  }
  expect(deleted).toEqual(['/instance/i1', '/instance/i1'])
})

it('takes back what it placed when it is released, and places nothing for auto', async () => {
  const { target, deleted } = oneNode()
  await (await target.prepare({ model: 'm', strategy: 'auto', backend: 'auto' }, signal)).release()
  expect(deleted).toEqual([])
  await (await target.prepare({ model: 'm', strategy: 'pipeline', backend: 'auto' }, signal)).release()
  expect(deleted).toEqual(['/instance/i1'])
  expect(await target.usage()).toEqual({ peakMemoryBytes: { a: 12, b: 6 }, linkBytes: 30 })
})
