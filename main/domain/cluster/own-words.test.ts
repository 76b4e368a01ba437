import { expect, it } from 'vitest'
import { InstanceId, NodeId } from '../../shared/ids.ts'
import type { NodeSample } from '../../shared/wire/peer/node-report.ts'
import { aPlacement, after, created, joined } from './__fixtures__/builders.ts'
import { ownWords } from './own-words.ts'

const state = after(...joined('a', 'b', 'c'), created('x', aPlacement('a', 'b')))
const rate = { decodeTokensPerSecond: 1, prefillTokensPerSecond: 1, running: 1, waiting: 0, kvBytes: 0 }
const shard = { kvBytes: 0, loadedRatio: 1, peakBytes: 0, sentBytes: 0 }
const [x, y] = [InstanceId.parse('x'), InstanceId.parse('y')]

const sampleOf = (name: string): NodeSample => ({
  nodeId: NodeId.parse(name),
  epochMs: 0,
  availableBytes: 0,
  rates: [
    { instanceId: x, ...rate },
    { instanceId: y, ...rate },
  ],
  shards: [0, 1, 2].map((rank) => ({ instanceId: x, rank, ...shard })),
  downloads: [],
})

it.each([
  ['a', ['x'], [0]],
  ['b', [], [1]],
  ['c', [], []],
])('A2: %s speaks only of the ranks that it holds', (name, rates, ranks) => {
  const heard = ownWords(sampleOf(name), state)
  expect(heard.rates.map(({ instanceId }) => instanceId)).toEqual(rates)
  expect(heard.shards?.map(({ rank }) => rank)).toEqual(ranks)
})

it('a sample of true words stays as it is, also without shards', () => {
  const sample = { ...sampleOf('a'), rates: [{ instanceId: x, ...rate }], shards: [{ instanceId: x, rank: 0, ...shard }] }
  expect(ownWords(sample, state)).toBe(sample)
  const { shards: _, ...older } = sample
  expect(ownWords(older, state)).toBe(older)
  expect(ownWords({ ...older, rates: [{ instanceId: y, ...rate }] }, state)).toEqual({ ...older, rates: [] })
})
