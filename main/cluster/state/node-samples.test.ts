import { expect, it } from 'vitest'
import { InstanceId, ModelId, NodeId } from '../../shared/ids.ts'
import type { DownloadReport } from '../../shared/models/download.ts'
import { NodeSamples } from './node-samples.ts'

const from = NodeId.parse('b')
const instanceId = InstanceId.parse('x')

it.each([
  ['of a clock that is an hour ahead', 3_600_000, 3_600_000 - 400, 1_000_000 - 400],
  ['that claims to be later than its sample', 0, 2 ** 50, 1_000_000],
  ['of a clock that agrees', 0, -400, 1_000_000 - 400],
])('A2: a keep-alive time %s is taken by the clock of this node', (_, aheadMs, atMs, heardAtMs) => {
  const samples = new NodeSamples({ epochMs: () => 1_000_000 })
  samples.receive(from, {
    nodeId: from,
    epochMs: 1_000_000 + aheadMs,
    availableBytes: 0,
    rates: [],
    downloads: [],
    keeps: [{ instanceId, keepMs: 5, atEpochMs: 1_000_000 + atMs }],
  })
  expect(samples.all().get(from)?.keeps).toEqual([{ instanceId, keepMs: 5, atEpochMs: heardAtMs }])
  expect(samples.clockSkewMs().get(from)).toBe(aheadMs)
})

it('A2: a node reports its own downloads, and does not say who else has started them', () => {
  const samples = new NodeSamples({ epochMs: () => 0 })
  const report: DownloadReport = {
    id: 'dl-b-1',
    modelId: ModelId.parse('org/m'),
    status: 'running',
    doneBytes: 0,
    totalBytes: 1,
    source: 'hub',
    savedBytes: 0,
    message: null,
  }
  const downloads = [
    { ...report, startedBy: NodeId.parse('c') },
    { ...report, id: 'dl-c-1' },
    { ...report, id: 'download-1' },
    { ...report, doneBytes: 1 },
  ]
  samples.receive(from, { nodeId: from, epochMs: 0, availableBytes: 0, rates: [], downloads })
  expect(samples.all().get(from)?.downloads).toEqual([{ ...report, doneBytes: 1 }])
})
