import { expect, it } from 'vitest'
import { InstanceId, NodeId } from '../../shared/ids.ts'
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
