import { expect, it } from 'vitest'
import { ClusterView } from '../../shared/cluster-view.ts'
import { formatTop } from './format-top.ts'

const GiB = 2 ** 30
const node = (name: string, availableBytes: number) => ({
  name,
  platform: 'darwin',
  chip: 'Apple M4 Max',
  totalBytes: 64 * GiB,
  availableBytes,
  addresses: [],
  apiPort: 8080,
  version: '1.0.0',
  status: 'connected',
})
const shard = (nodeId: string, rank: number) => ({
  nodeId,
  rank,
  stage: rank,
  layers: { start: 0, end: 4 },
  weightBytes: GiB,
  residentBytes: 2 * GiB,
  status: 'ready',
})

it('shows machines with their memory, and models with their speed', () => {
  const view = ClusterView.parse({
    nodeId: 'a',
    clusterName: 'desk',
    leader: { nodeId: 'b', term: 1 },
    nodes: { b: node('studio', 16 * GiB), a: node('laptop', 64 * GiB) },
    links: [],
    instances: {
      i: {
        modelId: 'org/model',
        strategy: 'tensor',
        backend: 'jaccl',
        epoch: 1,
        status: 'ready',
        shards: [shard('a', 0), shard('b', 1)],
        rdmaMatrix: null,
        decodeTokensPerSecond: 31.25,
        prefillTokensPerSecond: null,
        running: 2,
        waiting: 1,
        ttftMs: 120.4,
      },
    },
    downloads: [],
  })
  const lines = formatTop(view).split('\n')
  expect(lines.slice(0, 2)).toEqual(['Cluster desk, leader studio, 2 nodes', '31.3 tokens/s, 2 requests running, 1 waiting'])
  expect(lines[4]).toMatch(/^laptop +M4 Max +connected +\[ {20}\] +64\.0 GiB of 64\.0 GiB free +2\.0 GiB +1\.0\.0$/)
  expect(lines[5]).toContain(`[${'|'.repeat(15)}     ]`)
  expect(lines.at(-1)).toMatch(/^org\/model +ready +tensor\/jaccl +laptop studio +31\.3 +2\+1 +120 ms$/)
  expect(formatTop({ ...view, instances: {} })).toContain('No model is loaded.')
})
