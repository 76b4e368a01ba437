import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ModelCard } from '../../shared/models/model-card.ts'
import type { Placement, PlacementRequest } from '../../shared/placement.ts'
import type { Link, Topology, TopologyNode } from '../../shared/topology.ts'
import { aCard, aRequest, cable, ethernet, GB } from '../cluster/__fixtures__/builders.ts'
import { bytesPerLayer, endBytes, type ModelSizes, modelSizes, wholeModelBytes } from './layout/model-sizes.ts'
import { placeInstance } from './place-instance.ts'
import { placeWithContext } from './place-with-context.ts'

/** Nodes by free bytes. */
function machines(free: Record<string, number>, links: readonly Link[], changes: Record<string, Partial<TopologyNode>> = {}): Topology {
  const nodes = Object.entries(free).map(([name, availableBytes]) => [
    name,
    { totalBytes: availableBytes, availableBytes, ...changes[name] },
  ])
  return { nodes: Object.fromEntries(nodes), links: [...links] }
}

function allPairs(names: readonly string[], join: (a: string, b: string) => Link[]): Link[] {
  return names.flatMap((a, index) => names.slice(index + 1).flatMap((b) => join(a, b)))
}

/** Size of one layer of a plain model, including its KV cache. */
const LAYER_BYTES = 1000

/** Embedding and head take only two bytes each, so the size of the model is that of its layers. */
function plainCard(layers: number, changes: Partial<ModelCard> = {}): ModelCard {
  return aCard({
    layers,
    weightBytes: layers * (LAYER_BYTES - 4) + 4,
    vocabSize: 1,
    hiddenSize: 1,
    kvHeads: 1,
    attentionHeads: 1,
    headDim: 1,
    contextTokens: 1,
    ...changes,
  })
}

/** Nodes by the number of layers of a plain model that they have room for. */
function roomFor(layers: Record<string, number>, links: readonly Link[], changes: Record<string, Partial<TopologyNode>> = {}): Topology {
  return machines(Object.fromEntries(Object.entries(layers).map(([name, count]) => [name, count * LAYER_BYTES + 10])), links, changes)
}

const exact = (changes: Partial<PlacementRequest> = {}): PlacementRequest => aRequest({ contextTokens: 1, headroomRatio: 0, ...changes })

const summary = (placement: Placement): unknown => ({
  over: `${placement.strategy} ${placement.backend}${placement.jacclRing ? ' ring' : ''}`,
  nodes: placement.shards.map((shard) => `${shard.nodeId} ${shard.layers.start}-${shard.layers.end}`),
})

describe('placeInstance', () => {
  it('leaves a model that fits one node on one node', () => {
    const topology = machines({ a: 10 * GB, b: 20 * GB }, ethernet('a', 'b'))
    const card = aCard({ layers: 4, weightBytes: 9 * GB, vocabSize: 1000, hiddenSize: 1000, kvHeads: 2, headDim: 100 })
    expect(placeInstance(card, topology, aRequest({ contextTokens: 1000 }))).toEqual({
      strategy: 'pipeline',
      backend: 'local',
      jacclRing: false,
      contextTokens: 1000,
      shards: [{ nodeId: 'b', rank: 0, stage: 0, layers: { start: 0, end: 4 }, weightBytes: 9 * GB, kvBytes: 2 * 4 * 2 * 100 * 1000 * 2 }],
      rdmaMatrix: null,
      addressMatrix: [[null]],
      fallbacks: [],
    })
  })

  it('lets the head count as layers where every node could hold all, and goes by memory alone where not', () => {
    const sizes = {
      layers: 30,
      weightBytes: 30 * 1000 + 8000,
      vocabSize: 4000,
      hiddenSize: 1,
      tiedEmbeddings: true,
      kvHeads: 1,
      headDim: 1,
      contextTokens: 1,
    }
    const split = (free: Record<string, number>): number[] =>
      placeInstance(aCard(sizes), machines(free, ethernet('a', 'b')), exact({ minNodes: 2 }))
        .shards.map(({ layers }) => layers.end - layers.start)
        .sort((x, y) => x - y)
    expect(split({ a: 100_000, b: 100_000 })).toEqual([13, 17])
    expect(split({ a: 30_000, b: 30_000 })).toEqual([15, 15])
  })

  it('counts the KV cache of the context and the headroom: what fits by weights alone does not', () => {
    const card = aCard({ layers: 10, weightBytes: 9 * GB, kvHeads: 8, headDim: 128, contextTokens: 100_000 })
    const one = machines({ a: 10 * GB }, [])
    expect(placeInstance(card, one, aRequest({ contextTokens: 1000, headroomRatio: 0 })).backend).toBe('local')
    const kvBytes = 2 * 10 * 8 * 128 * 100_000 * 2
    expect(() => placeInstance(card, one, aRequest({ contextTokens: 100_000, headroomRatio: 0 }))).toThrow(
      expect.objectContaining({
        code: 'not-enough-memory',
        details: expect.objectContaining({ missingBytes: expect.closeTo(kvBytes - GB, -2), kvBytes, contextTokens: 100_000 }),
      }),
    )
    expect(() => placeInstance(card, one, aRequest({ contextTokens: 1000, headroomRatio: 0.2 }))).toThrow(
      expect.objectContaining({ code: 'not-enough-memory' }),
    )
  })

  it('puts the embedding on stage 0, the head on the last stage, and the last stage on rank 0', () => {
    const card = aCard({ layers: 8, hiddenSize: 1000, vocabSize: 100_000, weightBytes: 2.4 * GB })
    const { shards } = placeInstance(card, machines({ a: 2 * GB, b: 2 * GB }, ethernet('a', 'b')), exact())
    expect(shards.map(({ nodeId, rank, stage, layers, weightBytes }) => ({ nodeId, rank, stage, layers, weightBytes }))).toEqual([
      { nodeId: 'a', rank: 0, stage: 1, layers: { start: 4, end: 8 }, weightBytes: 1.2 * GB },
      { nodeId: 'b', rank: 1, stage: 0, layers: { start: 0, end: 4 }, weightBytes: 1.2 * GB },
    ])
    const tied = placeInstance({ ...card, tiedEmbeddings: true }, machines({ a: 2 * GB, b: 2 * GB }, ethernet('a', 'b')), exact())
    expect(tied.shards.map((shard) => shard.weightBytes)).toEqual([1.3 * GB, 1.3 * GB])
  })

  it('takes the smallest set of nodes, not all', () => {
    const names = ['a', 'b', 'c', 'd']
    const topology = roomFor({ a: 3, b: 5, c: 5, d: 2 }, allPairs(names, ethernet))
    expect(summary(placeInstance(plainCard(10), topology, exact()))).toEqual({ over: 'pipeline ring', nodes: ['b 5-10', 'c 0-5'] })
    expect(summary(placeInstance(plainCard(10), topology, exact({ minNodes: 4 })))).toMatchObject({
      nodes: expect.objectContaining({ length: 4 }),
    })
  })

  it('prefers nodes that hold the files, as long as the set stays as small', () => {
    const names = ['a', 'b', 'c']
    const storedModels = { 'org/model': 1 }
    const one = roomFor({ a: 20, b: 12, c: 4 }, allPairs(names, ethernet), { b: { storedModels }, c: { storedModels } })
    expect(summary(placeInstance(plainCard(10), one, exact()))).toEqual({ over: 'pipeline local', nodes: ['b 0-10'] })
    const two = roomFor({ a: 8, b: 8, c: 4 }, allPairs(names, ethernet), { c: { storedModels } })
    expect(summary(placeInstance(plainCard(12), two, exact()))).toEqual({ over: 'pipeline ring', nodes: ['c 8-12', 'a 0-8'] })
    expect(summary(placeInstance(plainCard(16), two, exact()))).toEqual({ over: 'pipeline ring', nodes: ['a 8-16', 'b 0-8'] })
  })

  it('goes over a JACCL mesh where every pair has a cable', () => {
    const cables = [...cable('a', 'en2', 'b', 'en3'), ...cable('b', 'en4', 'c', 'en2'), ...cable('a', 'en5', 'c', 'en6')]
    const topology = roomFor({ a: 5, b: 5, c: 5 }, [...cables, ...allPairs(['a', 'b', 'c'], ethernet)])
    expect(placeInstance(plainCard(12, { strategies: ['pipeline'] }), topology, exact())).toMatchObject({
      backend: 'jaccl',
      jacclRing: false,
      shards: [{ nodeId: 'a' }, { nodeId: 'b' }, { nodeId: 'c' }],
      rdmaMatrix: [
        [null, 'en2', 'en5'],
        ['en3', null, 'en4'],
        ['en6', 'en2', null],
      ],
      addressMatrix: [
        [null, null, null],
        ['10.0.0.a', null, null],
        ['10.0.0.a', null, null],
      ],
      fallbacks: [],
    })
  })

  it('falls back to a JACCL ring, and says which cable the mesh lacks', () => {
    const names = ['s1', 's2', 's3', 's4']
    const cables = [
      ...cable('s1', 'en2', 's2', 'en3'),
      ...cable('s2', 'en4', 's3', 'en2'),
      ...cable('s3', 'en5', 's4', 'en6'),
      ...cable('s4', 'en3', 's1', 'en4'),
    ]
    const placement = placeInstance(
      plainCard(16, { strategies: ['pipeline'] }),
      roomFor({ s1: 4, s2: 4, s3: 4, s4: 4 }, [...cables, ...allPairs(names, ethernet)]),
      exact(),
    )
    expect(placement).toMatchObject({
      backend: 'jaccl',
      jacclRing: true,
      rdmaMatrix: [
        [null, 'en2', null, 'en4'],
        ['en3', null, 'en4', null],
        [null, 'en2', null, 'en5'],
        ['en3', null, 'en6', null],
      ],
      fallbacks: [{ from: 'JACCL mesh', to: 'JACCL ring', reason: 'no cable between s1 and s3; no cable between s2 and s4' }],
    })
  })

  it('falls back to TCP with the reason and a fix, over Thunderbolt if it has addresses', () => {
    const cables = [...cable('a', 'en2', 'b', 'en3')]
    const thunderbolt = ethernet('a', 'b', { address: '169.254.1.1', medium: 'thunderbolt' })
    const names: Record<string, Partial<TopologyNode>> = {
      a: { name: 'studio-1', rdma: 'enabled' },
      b: { name: 'studio-3', rdma: 'disabled' },
    }
    const place = (changes: typeof names, links: Link[]): Placement =>
      placeInstance(plainCard(8, { strategies: ['pipeline'] }), roomFor({ a: 4, b: 4 }, links, changes), exact())
    expect(place(names, [...cables, ...thunderbolt, ...ethernet('a', 'b')])).toMatchObject({
      backend: 'ring',
      addressMatrix: [
        [null, '169.254.1.1'],
        ['169.254.1.1', null],
      ],
      fallbacks: [
        { from: 'JACCL mesh', to: 'JACCL ring', reason: 'rdma-disabled on studio-3 (rdma_ctl enable, in Recovery)' },
        { from: 'JACCL ring', to: 'TCP ring over Thunderbolt', reason: 'rdma-disabled on studio-3 (rdma_ctl enable, in Recovery)' },
      ],
    })
    const reasonsOf = (changes: Partial<TopologyNode>, links: Link[]): string[] =>
      place({ a: { name: 'studio-1' }, b: { name: 'studio-3', ...changes } }, links).fallbacks.map(({ reason }) => reason)
    expect(reasonsOf({ platform: 'darwin', osVersion: '26.1' }, [...cables, ...ethernet('a', 'b')])).toEqual([
      'macOS 26.1 < 26.2 on studio-3',
      'macOS 26.1 < 26.2 on studio-3',
      'no Thunderbolt address between studio-1 and studio-3',
    ])
    expect(reasonsOf({ thunderboltBridge: 'bridge0' }, [...cables, ...ethernet('a', 'b')])[0]).toMatch(
      /^Thunderbolt bridge active on studio-3/,
    )
    expect(reasonsOf({}, [cables[0]!, ...ethernet('a', 'b')])[0]).toBe('the cable between studio-1 and studio-3 is seen from studio-1 only')
    expect(reasonsOf({}, ethernet('a', 'b'))[0]).toBe('no cable between studio-1 and studio-3')
  })

  it('refuses JACCL that was asked for and cannot be, with all that is missing', () => {
    const topology = roomFor({ a: 50, b: 50, c: 50 }, allPairs(['a', 'b', 'c'], ethernet), { b: { rdma: 'disabled' } })
    expect(() => placeInstance(plainCard(8), topology, exact({ backend: 'jaccl', minNodes: 2 }))).toThrow(
      expect.objectContaining({
        code: 'backend-impossible',
        details: {
          backend: 'jaccl',
          missing: [
            'rdma-disabled on b (rdma_ctl enable, in Recovery)',
            'no cable between a and b',
            'no cable between a and c',
            'no cable between b and c',
          ],
        },
      }),
    )
    expect(() => placeInstance(plainCard(8), roomFor({ a: 50 }, []), exact({ backend: 'jaccl' }))).toThrow(
      expect.objectContaining({ code: 'backend-impossible', details: { backend: 'jaccl', missing: ['JACCL needs at least two nodes'] } }),
    )
  })

  it('does not step down in silence from a backend that was asked for', () => {
    const placement = placeInstance(
      plainCard(8),
      roomFor({ a: 4, b: 4 }, [...cable('a', 'en2', 'b', 'en2'), ...ethernet('a', 'b')]),
      exact({ backend: 'ring' }),
    )
    expect([placement.backend, placement.fallbacks]).toEqual([
      'ring',
      [{ from: 'TCP ring over Thunderbolt', to: 'TCP ring', reason: 'no Thunderbolt address between a and b' }],
    ])
  })

  it('finds the ring in links that do not join every pair', () => {
    const links = ['ac', 'cb', 'bd', 'da'].flatMap((pair) => ethernet(pair[0]!, pair[1]!))
    const { shards } = placeInstance(plainCard(8), roomFor({ a: 2, b: 2, c: 2, d: 2 }, links), exact())
    expect(shards.map((shard) => shard.nodeId)).toEqual(['a', 'c', 'b', 'd'])
    const chain = roomFor(
      { a: 2, b: 2, c: 2 },
      ['ab', 'bc'].flatMap((pair) => ethernet(pair[0]!, pair[1]!)),
    )
    expect(() => placeInstance(plainCard(6), chain, exact())).toThrow(
      expect.objectContaining({ code: 'not-connected', details: { missing: ['no link between a and c'] } }),
    )
  })

  it('says how many nodes are missing', () => {
    expect(() => placeInstance(plainCard(8), roomFor({ a: 50 }, []), exact({ minNodes: 3 }))).toThrow(
      expect.objectContaining({ code: 'not-enough-nodes', details: { minNodes: 3, nodes: 1 } }),
    )
    expect(() => placeInstance(plainCard(8), machines({}, []), exact())).toThrow(expect.objectContaining({ code: 'no-nodes' }))
  })

  describe('in tensor parallel', () => {
    const wide = aCard({
      layers: 4,
      weightBytes: 400,
      vocabSize: 1,
      contextTokens: 1,
      attentionHeads: 8,
      kvHeads: 4,
      hiddenSize: 16,
      headDim: 2,
      intermediateSize: 32,
    })
    const mesh = (names: string[], free: number): Topology =>
      machines(Object.fromEntries(names.map((name) => [name, free])), allPairs(names, ethernet))

    it('gives every rank all layers and an equal part', () => {
      const { strategy, shards } = placeInstance(wide, mesh(['a', 'b'], 300), exact({ strategy: 'tensor', minNodes: 2 }))
      const ends = endBytes(modelSizes(wide, 1), { isFirst: true, isLast: true })
      const shard = { stage: 0, layers: { start: 0, end: 4 }, weightBytes: (400 - ends) / 2 + ends, kvBytes: 64 }
      expect([strategy, shards]).toEqual([
        'tensor',
        [
          { nodeId: 'a', rank: 0, ...shard },
          { nodeId: 'b', rank: 1, ...shard },
        ],
      ])
    })

    it('skips counts that do not divide, and takes the next that does', () => {
      const placement = placeInstance(wide, mesh(['a', 'b', 'c', 'd'], 260), exact({ strategy: 'tensor', minNodes: 3 }))
      expect(placement.shards).toHaveLength(4)
    })

    it.each([
      [{ attentionHeads: 9 }, 'attention heads (9) not divisible by 2'],
      [{ kvHeads: 1 }, 'kv heads (1) not divisible by 2'],
      [{ hiddenSize: 17 }, 'hidden size (17) not divisible by 2'],
      [{ intermediateSize: 33 }, 'MLP width (33) not divisible by 2'],
      [{ expertWidth: 33 }, 'expert width (33) not divisible by 2'],
      [{ quantization: { bits: 4, groupSize: 16 }, intermediateSize: 48 }, 'attention output per rank (8) cuts a quantization group of 16'],
      [{ strategies: ['pipeline' as const] }, 'org/model has no tensor-parallel form'],
    ])('refuses %j, and says why', (changes, reason) => {
      expect(() => placeInstance({ ...wide, ...changes }, mesh(['a', 'b'], 300), exact({ strategy: 'tensor', minNodes: 2 }))).toThrow(
        expect.objectContaining({ code: 'strategy-impossible', details: { strategy: 'tensor', reasons: [reason] } }),
      )
    })

    it('is chosen by itself over JACCL only, with the reason where it cannot be', () => {
      const cables = [...cable('a', 'en2', 'b', 'en2'), ...ethernet('a', 'b')]
      expect(placeInstance(wide, machines({ a: 300, b: 300 }, cables), exact())).toMatchObject({
        strategy: 'tensor',
        backend: 'jaccl',
        fallbacks: [],
      })
      expect(placeInstance(wide, mesh(['a', 'b'], 300), exact())).toMatchObject({ strategy: 'pipeline', backend: 'ring' })
      expect(placeInstance({ ...wide, kvHeads: 3 }, machines({ a: 300, b: 300 }, cables), exact())).toMatchObject({
        strategy: 'pipeline',
        backend: 'jaccl',
        fallbacks: [{ from: 'tensor', to: 'pipeline', reason: 'kv heads (3) not divisible by 2' }],
      })
    })
  })

  it('places all of it on a node that has just room for it, though its layers are not equal', () => {
    const card = plainCard(6, { vocabSize: 54, weightBytes: 536 })
    const [shard, ...others] = placeInstance(card, machines({ a: wholeModelBytes(modelSizes(card, 1)) }, []), exact()).shards
    expect(others).toEqual([])
    expect(shard).toMatchObject({ nodeId: 'a', layers: { start: 0, end: 6 }, weightBytes: 536 })
  })

  describe('with a draft model', () => {
    const draftSize = { weightBytes: 1500, tokenBytes: 500 }
    const drafted = (changes: Partial<PlacementRequest> = {}): PlacementRequest => exact({ draftSize, ...changes })

    it('takes a node that has room for both, and names the draft where none has', () => {
      const topology = roomFor({ a: 4, b: 6 }, [])
      expect(placeInstance(plainCard(4), topology, exact()).shards[0]?.nodeId).toBe('b')
      expect(placeInstance(plainCard(4), topology, drafted()).shards[0]).toMatchObject({ nodeId: 'b', weightBytes: 4 * 996 + 4 })
      expect(() => placeInstance(plainCard(5), roomFor({ b: 6 }, []), drafted())).toThrow(
        expect.objectContaining({ code: 'not-enough-memory', message: expect.stringContaining('for its draft model') }),
      )
    })

    it('keeps memory for it on rank 0 alone', () => {
      const { shards } = placeInstance(plainCard(6), roomFor({ a: 4, b: 4 }, ethernet('a', 'b')), drafted())
      expect(shards.map(({ rank, layers }) => [rank, layers.end - layers.start])).toEqual([
        [0, 2],
        [1, 4],
      ])
    })

    it('finds an order of the ranks where only one node has room for it', () => {
      const { shards } = placeInstance(plainCard(7), roomFor({ a: 4, b: 5 }, ethernet('a', 'b')), drafted())
      expect(shards.reduce((sum, { layers }) => sum + layers.end - layers.start, 0)).toBe(7)
    })

    it('needs less of it with a shorter context', () => {
      const card = plainCard(4, { contextTokens: 4 })
      const { contextTokens } = placeWithContext(
        card,
        machines({ a: 12_000 }, []),
        drafted({ contextTokens: 4, minContextTokens: 1, draftSize: { weightBytes: 0, tokenBytes: 4000 } }),
      )
      expect(contextTokens).toBeLessThan(4)
    })
  })

  it('finds a split whenever one exists, over no more nodes than it takes', () => {
    const cases = fc.record({
      layers: fc.integer({ min: 1, max: 6 }),
      layerBytes: fc.integer({ min: 50, max: 150 }),
      tableBytes: fc.integer({ min: 0, max: 200 }),
      isTied: fc.boolean(),
      free: fc.array(fc.integer({ min: 0, max: 600 }), { minLength: 1, maxLength: 5 }),
    })
    fc.assert(
      fc.property(cases, ({ layers, layerBytes, tableBytes, isTied, free }) => {
        const vocabSize = Math.max(1, Math.floor(tableBytes / 2))
        const card = plainCard(layers, { vocabSize, tiedEmbeddings: isTied, weightBytes: layers * layerBytes + 2 * tableBytes })
        const names = free.map((_, index) => `n${index}`)
        const topology = machines(Object.fromEntries(names.map((name, index) => [name, free[index]!])), allPairs(names, ethernet))
        const sizes = modelSizes(card, 1)
        const least = leastNodes(sizes, free)
        if (least === null) {
          expect(() => placeInstance(card, topology, exact())).toThrow(expect.objectContaining({ code: 'not-enough-memory' }))
          return
        }
        const { shards } = placeInstance(card, topology, exact())
        expect(shards).toHaveLength(least)
        for (const shard of shards) expect(shard.weightBytes + shard.kvBytes).toBeLessThanOrEqual(free[names.indexOf(shard.nodeId)]!)
        const byStage = [...shards].sort((a, b) => a.stage - b.stage)
        expect(byStage.map((shard) => shard.rank)).toEqual(byStage.map((_, stage) => shards.length - 1 - stage))
        expect(byStage.flatMap(({ layers: { start, end } }) => Array.from({ length: end - start }, (_, layer) => start + layer))).toEqual(
          Array.from({ length: layers }, (_, layer) => layer),
        )
      }),
      { numRuns: 400 },
    )
  })

  it('says how much more memory would do, and with it the model is placed', () => {
    const cases = fc.record({
      layers: fc.integer({ min: 1, max: 12 }),
      free: fc.array(fc.integer({ min: 100, max: 900 }), { minLength: 1, maxLength: 5 }),
      headroomRatio: fc.constantFrom(0, 0.1, 0.25),
    })
    fc.assert(
      fc.property(cases, ({ layers, free, headroomRatio }) => {
        const card = plainCard(layers, { weightBytes: layers * 300 })
        const names = free.map((_, index) => `n${index}`)
        const free2 = Object.fromEntries(names.map((name, index) => [name, free[index]!]))
        const links = allPairs(names, ethernet)
        try {
          placeInstance(card, machines(free2, links), exact({ headroomRatio }))
        } catch (error) {
          const { missingBytes } = (error as { details: { missingBytes: number } }).details
          expect(missingBytes).toBeGreaterThan(0)
          // Rounding to whole layers may take up to one more layer on each node.
          const slack = Math.ceil(310 / (1 - headroomRatio))
          const helped = Object.fromEntries(names.map((name, index) => [name, free2[name]! + slack + (index === 0 ? missingBytes : 0)]))
          expect(() => placeInstance(card, machines(helped, links), exact({ headroomRatio }))).not.toThrow()
        }
      }),
    )
  })
})

/** The smallest number of nodes over which a split exists, found by trying all: pairs of ends, and as many layers on each node as fit. */
function leastNodes(sizes: ModelSizes, free: readonly number[]): number | null {
  const perLayer = bytesPerLayer(sizes)
  // On a single node no layer is rounded up.
  if (free.some((bytes) => bytes >= wholeModelBytes(sizes))) return 1
  for (let count = 2; count <= free.length; count++) {
    for (const chosen of subsets(free, count)) {
      for (let first = 0; first < count; first++) {
        for (let last = 0; last < count; last++) {
          if (first === last) continue
          const room = chosen.map((bytes, index) =>
            Math.floor((bytes - endBytes(sizes, { isFirst: index === first, isLast: index === last })) / perLayer),
          )
          const total = room.reduce((sum, layers) => sum + layers, 0)
          if (room.every((layers) => layers >= 1) && total >= sizes.layers && count <= sizes.layers) return count
        }
      }
    }
  }
  return null
}

function subsets(values: readonly number[], count: number): number[][] {
  if (count === 0) return [[]]
  return values.flatMap((value, index) => subsets(values.slice(index + 1), count - 1).map((rest) => [value, ...rest]))
}
