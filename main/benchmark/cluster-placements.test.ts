import { expect, it } from 'vitest'
import { clusterPlacements } from './cluster-placements.ts'

const node = (name: string) => ({
  name,
  platform: 'linux',
  chip: 'x',
  totalBytes: 8,
  availableBytes: 8,
  addresses: [],
  apiPort: 1,
  version: '1.0.0',
  status: 'ready',
})
const stateOf = (ids: readonly string[]) => ({
  nodeId: ids[0],
  clusterName: 'desk',
  leader: null,
  nodes: Object.fromEntries(ids.map((id) => [id, node(`name of ${id}`)])),
  links: [],
  instances: {},
  downloads: [],
})

/** Previews as a node gives them: one machine alone, pipelines over rings, and no RDMA. */
function api(ids: readonly string[], asked: string[]) {
  return {
    async get(path: string): Promise<unknown> {
      if (path === '/state') return stateOf(ids)
      const chosen = new URLSearchParams(path.split('?')[1]).get('nodes')?.split(',') ?? ids
      asked.push(chosen.join('+'))
      const shards = (count: number) => chosen.slice(0, count).map((nodeId, rank) => ({ nodeId, rank }))
      const speed = { decode: [{ contextTokens: 0, tokensPerSecond: { low: 1, likely: 2, high: 3 } }] }
      return {
        previews: [
          { strategy: 'pipeline', backend: 'local', shards: shards(1), speed },
          { strategy: 'pipeline', backend: 'jaccl', minNodes: 2, error: 'there is no cable' },
          ...Array.from({ length: chosen.length - 1 }, (_, index) => ({
            strategy: 'pipeline',
            backend: 'ring',
            shards: shards(index + 2),
          })),
        ],
      }
    },
  }
}

it('compares every group of few machines once, and says what is not possible', async () => {
  const asked: string[] = []
  const { possible, obstacles } = await clusterPlacements(api(['a', 'b', 'c'], asked), 'org/m')
  expect(possible.map(({ backend, nodes }) => `${backend} ${nodes.map(({ nodeId }) => nodeId).join('+')}`)).toEqual([
    'local a',
    'local b',
    'local c',
    'ring a+b',
    'ring a+c',
    'ring b+c',
    'ring a+b+c',
  ])
  expect(possible[0]).toMatchObject({ nodes: [{ name: 'name of a' }], expectedTokensPerSecond: { likely: 2 } })
  expect(possible.at(-1)?.expectedTokensPerSecond).toBeNull()
  expect(obstacles).toEqual(['pipeline/jaccl: there is no cable'])
})

it('compares each machine and the groups of the cluster where there are many', async () => {
  const asked: string[] = []
  const { possible } = await clusterPlacements(api(['a', 'b', 'c', 'd', 'e'], asked), 'org/m')
  expect(asked).toEqual(['a', 'b', 'c', 'd', 'e', 'a+b+c+d+e'])
  expect(possible.map(({ nodes }) => nodes.length)).toEqual([1, 1, 1, 1, 1, 2, 3, 4, 5])
})
