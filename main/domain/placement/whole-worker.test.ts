import { describe, expect, it } from 'vitest'
import { NodeId } from '../../shared/ids.ts'
import type { Topology, TopologyNode } from '../../shared/topology.ts'
import { aCard, aRequest, ethernet, GB } from '../cluster/__fixtures__/builders.ts'
import { placeTightly } from './place-tightly.ts'
import { placeInstance } from './place-instance.ts'
import { PlacementError } from './placement-error.ts'
import { workerBytes } from './worker-bytes.ts'

const MB = 1e6
const small = aCard({
  layers: 30,
  hiddenSize: 576,
  kvHeads: 3,
  headDim: 64,
  attentionHeads: 9,
  vocabSize: 49_152,
  weightBytes: 115 * MB,
  contextTokens: 8192,
})
const node = (changes: Partial<TopologyNode>): TopologyNode => ({
  totalBytes: 64 * GB,
  availableBytes: 350 * MB,
  platform: 'linux',
  isCapped: true,
  storedModels: {},
  ...changes,
})
const topology = (...nodes: TopologyNode[]): Topology => ({
  nodes: Object.fromEntries(nodes.map((one, index) => [NodeId.parse('abc'[index]!), one])),
  links: nodes.length > 1 ? ethernet('a', 'b') : [],
})
const memoryOf = ({ weightBytes, kvBytes }: { weightBytes: number; kvBytes: number }): number => weightBytes + kvBytes

describe('F8: a limit on memory', () => {
  it('holds weights, the KV cache as the engine keeps it, and the worker itself', () => {
    const { shards } = placeInstance(small, topology(node({})), aRequest({ contextTokens: 1024 }))
    expect(shards[0]!.kvBytes).toBe(1024 * 30 * 2 * 3 * 64 * 4)
    expect(memoryOf(shards[0]!) + workerBytes(small)).toBeLessThanOrEqual(350 * MB)
    expect(() => placeInstance(small, topology(node({})), aRequest({ contextTokens: 4096 }))).toThrow(PlacementError)
  })

  it('counts 16-bit caches on a Mac, on machines of both kinds the wider ones', () => {
    const kvBytes = (...nodes: TopologyNode[]): number[] =>
      placeInstance(small, topology(...nodes), aRequest({ contextTokens: 1024, minNodes: nodes.length })).shards.map(
        (shard) => shard.kvBytes / (shard.layers.end - shard.layers.start),
      )
    const [mac, linux] = [node({ platform: 'darwin', availableBytes: GB }), node({ availableBytes: GB })]
    const layerBytes = 1024 * 2 * 3 * 64
    expect(kvBytes(mac)).toEqual([layerBytes * 2])
    expect(kvBytes(linux)).toEqual([layerBytes * 4])
    expect(kvBytes(mac, linux)).toEqual([layerBytes * 4, layerBytes * 4])
  })

  it('below what workers take by themselves is a limit on the model, and the placement says so', () => {
    const two = topology(node({ availableBytes: 120 * MB }), node({ availableBytes: 120 * MB }))
    const request = aRequest({ contextTokens: 512 })
    const lacking = new PlacementError('not-enough-memory', 'too little')
    expect(() => placeInstance(small, two, request)).toThrow(expect.objectContaining({ code: 'not-enough-memory' }))
    const { shards, fallbacks } = placeTightly(small, two, request, lacking)
    expect(shards).toHaveLength(2)
    expect(fallbacks.at(-1)?.reason).toMatch(/^a worker of org\/model takes \d+ MB besides the model, more than --max-memory leaves$/)
    expect(() => placeTightly(small, topology(node({ availableBytes: 50 * MB })), request, lacking)).toThrow(lacking)
    const uncapped = topology(node({ availableBytes: 50 * MB, isCapped: false }))
    expect(() => placeTightly(small, uncapped, request, lacking)).toThrow(lacking)
  })
})
