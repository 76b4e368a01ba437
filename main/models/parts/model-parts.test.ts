import { cp, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Log } from '../../platform/log/log.ts'
import { systemClock } from '../../platform/clock.ts'
import { systemRandom } from '../../platform/random.ts'
import { ModelId, NodeId } from '../../shared/ids.ts'
import { createHubFetch } from '../hub/create-hub-fetch.ts'
import { downloadModel } from '../hub/download-model.ts'
import { findSnapshot, hubRepo } from '../files/hub-cache.ts'
import { HubClient } from '../hub/hub-client.ts'
import { startTestHub, type TestHub } from '../hub/__fixtures__/test-hub.ts'
import { writeHubModel } from '../hub/__fixtures__/write-hub-model.ts'
import { connectTo, type Wire } from '../peer-copy/__fixtures__/connect-to-server.ts'
import { readModelFolder } from '../store/read-model-folder.ts'
import { listParts } from './list-parts.ts'
import { ModelParts, type PartRequest } from './model-parts.ts'
import { needsTensor, type ShardPart } from '../files/shard-tensors.ts'
import { readTensorPlaces } from './read-tensor-places.ts'

const modelId = ModelId.parse('test/tiny')
const LAYERS = 8
const silent: Log = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, with: () => silent }
const never = new AbortController().signal
let folder = ''
let hub: TestHub
let isHubUp = true

interface TestNode {
  readonly nodeId: NodeId
  readonly dataDir: string
  readonly cacheDir: string
  readonly parts: ModelParts
  readonly logged: Record<string, unknown>[]
  wire: Wire
  isOnline: boolean
}

let nodes: TestNode[] = []

function addNode(name: string): TestNode {
  const [dataDir, cacheDir] = [join(folder, name, 'data'), join(folder, name, 'cache')]
  const logged: Record<string, unknown>[] = []
  const fetch = createHubFetch({ proxies: { httpProxy: '', httpsProxy: '', noProxy: '' } })
  const client = new HubClient({
    settings: { endpoint: hub.url, token: null, isOffline: false },
    fetch: (url, init) => (isHubUp && node.isOnline ? fetch(url, init) : Promise.reject(new Error('the cable is out'))),
    clock: systemClock,
    random: systemRandom,
    firstDelayMs: 5,
  })
  const parts = new ModelParts({
    dataDir,
    cacheDir,
    client,
    openChannel(nodeId, request, signal) {
      const peer = nodes.find((candidate) => candidate.nodeId === nodeId)
      if (!peer) throw new Error('no link')
      return connectTo(
        { modelDirOf: () => Promise.reject(new Error('not asked')), held: (id, commit) => peer.parts.held(id, commit) },
        peer.wire,
      ).openChannel(request, signal)
    },
    clock: systemClock,
    random: systemRandom,
    log: { ...silent, info: (_, fields) => void logged.push(fields ?? {}) },
  })
  const node: TestNode = { nodeId: NodeId.parse(name), dataDir, cacheDir, parts, logged, wire: {}, isOnline: true }
  nodes.push(node)
  return node
}

function fetchOn(
  node: TestNode,
  shards: readonly ShardPart[],
  ranks: readonly TestNode[],
  options: Partial<PartRequest> = {},
  signal = never,
): Promise<string> {
  const peers = (): NodeId[] => nodes.filter((other) => other !== node).map(({ nodeId }) => nodeId)
  return node.parts.fetch(
    {
      modelId,
      commit: hub.commit(modelId),
      origin: 'placed',
      ranks: ranks.map(({ nodeId }) => nodeId),
      parts: shards,
      rank: ranks.indexOf(node),
      withWeights: true,
      peers,
      onProgress: () => undefined,
      ...options,
    },
    signal,
  )
}

/** Rank 0 is the last stage. */
const pipeline: ShardPart[] = [
  { layers: { start: 5, end: LAYERS }, isFirst: false, isLast: true },
  { layers: { start: 0, end: 5 }, isFirst: true, isLast: false },
]

const weightFile = (index: number): string => `model-0000${index}-of-00004.safetensors`
const sentBytes = (path = '.safetensors'): number =>
  hub.requests.filter((request) => request.path.endsWith(path)).reduce((sum, request) => sum + request.sentBytes, 0)
const sourceBytes = async (): Promise<number> => {
  const sizes = await Promise.all([1, 2, 3, 4].map(async (index) => (await stat(join(folder, 'hub', modelId, weightFile(index)))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** Compares every tensor that the part needs, and the support files, with those of the hub. */
async function expectPart(dir: string, part: ShardPart): Promise<void> {
  for (const path of ['config.json', 'tokenizer_config.json', 'model.safetensors.index.json'])
    expect(await readFile(join(dir, path), 'utf8')).toBe(await readFile(join(folder, 'hub', modelId, path), 'utf8'))
  for (const index of [1, 2, 3, 4]) {
    const [source, copy] = await Promise.all([
      readFile(join(folder, 'hub', modelId, weightFile(index))),
      readFile(join(dir, weightFile(index))),
    ])
    expect(copy.length).toBe(source.length)
    const header = source.subarray(8, 8 + Number(source.readBigUInt64LE()))
    expect(copy.subarray(0, 8 + header.length).equals(source.subarray(0, 8 + header.length))).toBe(true)
    for (const { name, start, end } of readTensorPlaces('x', header, source.length))
      if (needsTensor(part, name, false)) expect(copy.subarray(start, end).equals(source.subarray(start, end)), name).toBe(true)
  }
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exo-parts-'))
  await writeHubModel(join(folder, 'hub', modelId), { layers: LAYERS, hiddenSize: 128, shards: 4 })
  hub = await startTestHub({ root: join(folder, 'hub') })
  isHubUp = true
  nodes = []
})
afterEach(async () => {
  await hub.close()
  await rm(folder, { recursive: true })
})

describe('a pipeline of two nodes', () => {
  it('fetches each byte once, each node only its share', async () => {
    const both = [addNode('last'), addNode('first')]
    const [last = '', first = ''] = await Promise.all(both.map((node) => fetchOn(node, pipeline, both)))
    await expectPart(last, pipeline[0] ?? null)
    await expectPart(first, pipeline[1] ?? null)
    expect(sentBytes()).toBe(await sourceBytes())
    for (const path of ['/config.json', '.index.json', '/tokenizer_config.json'])
      expect(hub.requests.filter((request) => request.path.endsWith(path))).toHaveLength(1)
    const [own, other] = both.map(
      ({ logged }) => logged[0] as { hubBytes: number; peerBytes: number; neededBytes: number; modelBytes: number; savedBytes: number },
    )
    expect(own?.peerBytes).toBe(0)
    expect(other?.peerBytes).toBeGreaterThan(0)
    expect(other?.neededBytes).toBe((other?.hubBytes ?? 0) + (other?.peerBytes ?? 0))
    expect((own?.hubBytes ?? 0) + (other?.hubBytes ?? 0)).toBe(own?.modelBytes)
    expect(own?.savedBytes).toBe((own?.modelBytes ?? 0) - (own?.hubBytes ?? 0))
    // It uses only as much disk space as it holds data.
    const blocks = await Promise.all([1, 2, 3, 4].map(async (index) => (await stat(join(last, weightFile(index)))).blocks * 512))
    expect(blocks.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(0.75 * (await sourceBytes()))
  })

  it('is never taken for a whole model, and is listed as what it is', async () => {
    const both = [addNode('last'), addNode('first')]
    const [dir = ''] = await Promise.all(both.map((node) => fetchOn(node, pipeline, both)))
    await expect(readModelFolder(modelId, dir, ['llama'])).rejects.toMatchObject({
      code: 'model-damaged',
      message: expect.stringContaining('only a part'),
    })
    const [listed] = await listParts(both[0]?.dataDir ?? '')
    expect(listed).toMatchObject({
      modelId,
      commit: hub.commit(modelId),
      dir,
      weightBytes: await sourceBytes(),
      config: { num_hidden_layers: LAYERS },
    })
    expect(listed?.presentBytes).toBeLessThan(0.75 * (await sourceBytes()))
    expect(await findSnapshot(both[0]?.cacheDir ?? '', modelId)).toBeNull()
  })

  it('shares a tied embedding over the link', async () => {
    const path = join(folder, 'hub', modelId, 'config.json')
    await writeFile(path, JSON.stringify({ ...(JSON.parse(await readFile(path, 'utf8')) as object), tie_word_embeddings: true }))
    await hub.close()
    hub = await startTestHub({ root: join(folder, 'hub') })
    const both = [addNode('last'), addNode('first')]
    await Promise.all(both.map((node) => fetchOn(node, pipeline, both)))
    expect(sentBytes()).toBeLessThan(await sourceBytes()) // the head, which no rank needs, is not downloaded
    expect(both.map(({ logged }) => (logged[0]?.['peerBytes'] as number) > 100_000)).toEqual([false, true])
  })

  it('loads what is here without any network, and fetches the rest when layers move', async () => {
    const both = [addNode('last'), addNode('first')]
    await Promise.all(both.map((node) => fetchOn(node, pipeline, both)))
    const [last] = both as [TestNode]
    isHubUp = false
    nodes = [last]
    await expectPart(await fetchOn(last, pipeline, both), pipeline[0] ?? null)
    isHubUp = true
    const before = sentBytes()
    const alone = await fetchOn(last, [null], [last])
    expect(alone).toBe(await findSnapshot(last.cacheDir, modelId))
    await expectPart(alone, null)
    expect(sentBytes() - before).toBeLessThan(0.75 * (await sourceBytes()))
    expect(await readModelFolder(modelId, alone, ['llama'])).toMatchObject({ card: { layers: LAYERS } })
    expect(await listParts(last.dataDir)).toEqual([])
  })

  it('goes on after a kill: what an earlier process brought is not fetched again', async () => {
    const both = [addNode('last'), addNode('first')]
    hub.faults.bytesPerSecond = 3_000_000
    const stop = new AbortController()
    const cut = fetchOn(
      both[0] as TestNode,
      pipeline,
      both,
      { onProgress: ({ doneBytes }) => doneBytes > 1_000_000 && stop.abort(new Error('killed')) },
      stop.signal,
    )
    await expect(cut).rejects.toThrow('killed')
    hub.faults.bytesPerSecond = 0
    // Another process sees only the folder.
    const { dataDir, cacheDir } = nodes.shift() as TestNode
    const again = addNode('last-again')
    await cp(dataDir, again.dataDir, { recursive: true })
    const keptBytes = (await listParts(again.dataDir))[0]?.presentBytes ?? 0
    const sentBefore = sentBytes('')
    const ranks = [again, both[1] as TestNode]
    const dirs = await Promise.all(ranks.map((node) => fetchOn(node, pipeline, ranks)))
    await expectPart(dirs[0] ?? '', pipeline[0] ?? null)
    expect(cacheDir).not.toBe(again.cacheDir)
    // Bytes that were already on the disk are not fetched again.
    const modelBytes = again.logged[0]?.['modelBytes'] as number
    expect(keptBytes).toBeGreaterThan(900_000)
    expect(sentBytes('') - sentBefore).toBeLessThan(modelBytes - keptBytes + 0.1 * modelBytes)
  })

  it('survives cuts and faults of the hub', async () => {
    const both = [addNode('last'), addNode('first')]
    Object.assign(hub.faults, { cutAfterBytes: 70_000, cutTimes: 6, cutPath: '.safetensors', failStatus: 503, failTimes: 2 })
    const dirs = await Promise.all(both.map((node) => fetchOn(node, pipeline, both)))
    for (const [rank, dir] of dirs.entries()) await expectPart(dir, pipeline[rank] ?? null)
  })

  it('takes nothing that a peer garbles', async () => {
    const both = [addNode('last'), addNode('first')]
    let garbled = 0
    ;(both[0] as TestNode).wire = {
      onChunk: (chunk) => {
        if (chunk.length < 50_000 || garbled++ > 0) return chunk
        const copy = chunk.slice()
        copy[100] = (copy[100] ?? 0) ^ 1
        return copy
      },
    }
    await fetchOn(both[0] as TestNode, [null], [both[0] as TestNode], { withWeights: true })
    isHubUp = false
    const dir = await fetchOn(both[1] as TestNode, [pipeline[1] ?? null], [both[1] as TestNode], {}).catch((error: unknown) => error)
    // Damaged data is fetched again from there, after a pause.
    expect(dir).toBeTypeOf('string')
    await expectPart(dir as string, pipeline[1] ?? null)
    expect(garbled).toBeGreaterThan(1)
  })
})

describe('all of a model on several nodes', () => {
  it('comes from the internet once, and is whole in the cache of each', async () => {
    const all = [addNode('a'), addNode('b'), addNode('c')]
    const dirs = await Promise.all(all.map((node) => fetchOn(node, [null, null, null], all)))
    expect(sentBytes()).toBe(await sourceBytes())
    for (const [index, node] of all.entries()) {
      expect(dirs[index]).toBe(await findSnapshot(node.cacheDir, modelId))
      await expectPart(dirs[index] ?? '', null)
    }
  })

  it('comes from a node that has downloaded it, and not from the internet', async () => {
    const [holder, asker] = [addNode('holder'), addNode('asker')]
    const client = new HubClient({
      settings: { endpoint: hub.url, token: null, isOffline: false },
      fetch: createHubFetch({ proxies: { httpProxy: '', httpsProxy: '', noProxy: '' } }),
      clock: systemClock,
      random: systemRandom,
    })
    await downloadModel({
      client,
      cacheDir: holder.cacheDir,
      modelId,
      onProgress: () => undefined,
      clock: systemClock,
      random: systemRandom,
      signal: never,
    })
    expect(await asker.parts.isHeldBy([holder.nodeId], modelId, hub.commit(modelId), never)).toBe(true)
    const before = hub.requests.length
    await expectPart(await fetchOn(asker, [null], [asker]), null)
    // The hub confirms the checksums, and that the commit is `main`; no file is downloaded from it.
    const asked = hub.requests.slice(before)
    expect(asked.filter(({ path }) => path.includes('/resolve/'))).toEqual([])
    expect(asked.length).toBeLessThanOrEqual(3)
    expect(asker.logged[0]).toMatchObject({ hubBytes: 0 })
  })

  it('does not wait forever for an owner that brings nothing', async () => {
    const [dead, living] = [addNode('dead'), addNode('living')]
    nodes = [living]
    await expectPart(await fetchOn(living, [null, null], [dead, living]), null)
  })

  it('finds a wrong byte, fetches that file once more, then gives up', async () => {
    const node = addNode('a')
    hub.faults.corruptPath = '00002'
    await expect(fetchOn(node, [null], [node])).rejects.toMatchObject({ code: expect.stringMatching(/download-damaged|model-damaged/) })
    hub.faults.corruptPath = ''
    await expectPart(await fetchOn(node, [null], [node]), null)
  })

  it('is not begun where the disk cannot hold it', async () => {
    const node = addNode('a')
    const path = join(folder, 'hub', modelId, weightFile(1))
    expect((await stat(path)).size).toBeGreaterThan(0)
    const huge = { modelId, commit: hub.commit(modelId), files: [{ path: 'config.json', sizeBytes: 2 ** 42, etag: 'a'.repeat(40) }] }
    const { PartFolder } = await import('../files/part-folder.ts')
    const { fetchParts } = await import('./fetch-parts.ts')
    const part = await PartFolder.create(join(node.dataDir, 'huge'), huge, { isFromHub: true })
    const nobody = { peers: () => [], holdings: () => Promise.reject(new Error('none')), fromPeer: () => Promise.reject(new Error('none')) }
    const client = new HubClient({
      settings: { endpoint: hub.url, token: null, isOffline: true },
      fetch: () => Promise.reject(new Error('not asked')),
      clock: systemClock,
      random: systemRandom,
    })
    const options = {
      folder: part,
      client,
      peers: nobody,
      parts: [null],
      ranks: [node.nodeId],
      rank: 0,
      withWeights: false,
      onProgress: () => undefined,
      clock: systemClock,
      random: systemRandom,
      signal: never,
    }
    await expect(fetchParts(options)).rejects.toMatchObject({ code: 'disk-full' })
  })
})

describe('parts', () => {
  it('are the same for all, however many ask while they come', async () => {
    const node = addNode('a')
    let isOver = false
    const ask = async (): Promise<void> => {
      while (!isOver)
        await Promise.all([node.parts.held(modelId, hub.commit(modelId)).catch(() => null), node.parts.has(modelId, hub.commit(modelId))])
    }
    const asking = [ask(), ask(), ask()]
    await fetchOn(node, [pipeline[0] ?? null], [node])
    isOver = true
    await Promise.all(asking)
    const before = hub.requests.length
    await expectPart(await fetchOn(node, [pipeline[0] ?? null], [node]), pipeline[0] ?? null)
    expect(hub.requests.length).toBe(before)
  })

  it('that were deleted from outside are fetched again', async () => {
    const node = addNode('a')
    const dir = await fetchOn(node, [pipeline[0] ?? null], [node])
    await rm(dir, { recursive: true })
    expect(await node.parts.has(modelId, hub.commit(modelId))).toBe(false)
    await expectPart(await fetchOn(node, [pipeline[0] ?? null], [node]), pipeline[0] ?? null)
  })
})

describe('A4: what a peer claims of a model', () => {
  /** A peer that holds other files under the id and the commit of a model of the hub. */
  async function addPoisoner(): Promise<TestNode> {
    const evilDir = join(folder, 'evil')
    await writeHubModel(join(evilDir, modelId), { layers: LAYERS, hiddenSize: 128, shards: 4 })
    await writeFile(join(evilDir, modelId, 'tokenizer_config.json'), '{"chat_template":"You are EVIL"}')
    const evilHub = await startTestHub({ root: evilDir })
    const poisoner = addNode('poisoner')
    const client = new HubClient({
      settings: { endpoint: evilHub.url, token: null, isOffline: false },
      fetch: createHubFetch({ proxies: { httpProxy: '', httpsProxy: '', noProxy: '' } }),
      clock: systemClock,
      random: systemRandom,
    })
    await downloadModel({
      client,
      cacheDir: poisoner.cacheDir,
      modelId,
      onProgress: () => undefined,
      clock: systemClock,
      random: systemRandom,
      signal: never,
    })
    // It claims the commit of the real one.
    const { snapshotsDir, snapshot } = hubRepo(poisoner.cacheDir, modelId)
    if (evilHub.commit(modelId) !== hub.commit(modelId))
      await rename(join(snapshotsDir, evilHub.commit(modelId)), snapshot(hub.commit(modelId)))
    await evilHub.close()
    return poisoner
  }

  it('does not count where the hub answers', async () => {
    const [, asker] = [await addPoisoner(), addNode('asker')]
    const dir = await fetchOn(asker, [null], [asker])
    await expectPart(dir, null)
    expect(dir).toBe(await findSnapshot(asker.cacheDir, modelId))
  })

  it('stays out of the shared cache while the hub cannot be asked, and is replaced when it says otherwise', async () => {
    const [, asker] = [await addPoisoner(), addNode('asker')]
    isHubUp = false
    const dir = await fetchOn(asker, [null], [asker])
    expect(dir.startsWith(asker.dataDir)).toBe(true)
    expect(await readFile(join(dir, 'tokenizer_config.json'), 'utf8')).toContain('EVIL')
    expect(await findSnapshot(asker.cacheDir, modelId)).toBeNull()
    expect(await stat(asker.cacheDir).catch(() => null)).toBeNull()
    isHubUp = true
    const again = await fetchOn(asker, [null], [asker])
    await expectPart(again, null)
    expect(again).toBe(await findSnapshot(asker.cacheDir, modelId))
  })

  it.each(['x/../../../traverse/y', '../x/y', '/etc/passwd', 'a/b/c', 'a\\b/c', '__proto__'])(
    'is nothing under the name %j',
    async (name) => {
      const asker = addNode('asker')
      const evil = name as ModelId
      await expect(fetchOn(asker, [null], [asker], { modelId: evil, commit: 'a'.repeat(40) })).rejects.toMatchObject({
        code: 'model-not-found',
      })
      await expect(asker.parts.held(evil, 'a'.repeat(40))).rejects.toMatchObject({ code: 'model-not-found' })
      expect(() => hubRepo(asker.cacheDir, name)).toThrow(expect.objectContaining({ code: 'model-not-found' }))
      expect(await stat(asker.dataDir).catch(() => null)).toBeNull()
    },
  )
})

describe('without weights', () => {
  it('only what speaks for the model comes', async () => {
    const node = addNode('api')
    const dir = await fetchOn(node, [null], [node], { withWeights: false })
    expect(await readFile(join(dir, 'config.json'), 'utf8')).toContain('llama')
    expect(sentBytes()).toBe(0)
  })
})
