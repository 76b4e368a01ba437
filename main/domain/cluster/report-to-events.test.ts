import { describe, expect, it } from 'vitest'
import { InstanceId, ModelId } from '../../shared/ids.ts'
import type { NodeReport, ShardReport } from '../../shared/wire/peer/node-report.ts'
import { after, aNode, aPlacement, created, ethernet, joined, stored, tcpLink } from './__fixtures__/builders.ts'
import { reportToEvents } from './report-to-events.ts'

const report = (name: string, changes: Partial<NodeReport> = {}): NodeReport => ({
  node: aNode(name),
  links: [],
  shards: [],
  storedModels: [],
  ...changes,
})
const shard: ShardReport = {
  instanceId: InstanceId.parse('x'),
  epoch: 1,
  rank: 0,
  status: 'loading',
  port: null,
  residentBytes: 0,
  code: null,
  message: null,
}

describe('reportToEvents', () => {
  it('brings a node in, and says nothing of what is known', () => {
    const first = reportToEvents(after(), report('a'))
    expect(first).toEqual([{ type: 'node-joined', node: aNode('a') }])
    expect(reportToEvents(after(...first), report('a'))).toEqual([])
  })

  it('tells of changed facts', () => {
    const node = aNode('a', { apiPort: 8081 })
    expect(reportToEvents(after(...joined('a')), { ...report('a'), node })).toEqual([{ type: 'node-updated', node }])
  })

  it('tells of links that came, went, or became twice as slow, and not of noise', () => {
    const [outgoing] = ethernet('a', 'b')
    if (!outgoing) throw new Error('no link')
    const state = after(...joined('a', 'b'), { type: 'link-observed', link: outgoing })
    expect(reportToEvents(state, report('a', { links: [{ ...outgoing, roundTripMs: 1.4 }] }))).toEqual([])
    const slow = { ...outgoing, roundTripMs: 30 }
    expect(reportToEvents(state, report('a', { links: [slow] }))).toEqual([{ type: 'link-observed', link: slow }])
    expect(reportToEvents(state, report('a'))).toEqual([{ type: 'link-lost', link: outgoing }])
  })

  it('takes links only from the node that they start at', () => {
    expect(reportToEvents(after(...joined('a', 'b')), report('a', { links: [tcpLink('b', 'a')] }))).toEqual([])
  })

  it('tells of the state of shards, but not of those of another epoch, rank or node', () => {
    const state = after(...joined('a', 'b'), created('x', aPlacement('a', 'b')))
    expect(reportToEvents(state, report('a', { shards: [shard] }))).toEqual([{ type: 'shard-status', ...shard }])
    for (const strange of [
      { ...shard, epoch: 2 },
      { ...shard, rank: 1 },
      { ...shard, rank: 7 },
      { ...shard, instanceId: InstanceId.parse('y') },
    ]) {
      expect(reportToEvents(state, report('a', { shards: [strange] }))).toEqual([])
    }
  })

  it('tells of models that came and went', () => {
    const state = after(...joined('a'), stored('a', 'org/old'))
    const modelId = ModelId.parse('org/new')
    const model = { modelId, status: 'complete' as const, totalBytes: 5, message: null }
    expect(reportToEvents(state, report('a', { storedModels: [model] }))).toEqual([
      { type: 'model-removed', nodeId: 'a', modelId: 'org/old' },
      { type: 'model-stored', nodeId: 'a', ...model },
    ])
  })
})
