import { beforeEach, describe, expect, it } from 'vitest'
import type { DownloadsPort } from '../../api/api-dependencies.ts'
import { Downloads } from '../../models/downloads/downloads.ts'
import { AppError } from '../../shared/app-error.ts'
import { downloadPrefix } from '../../shared/models/download-id.ts'
import { ModelId, NodeId } from '../../shared/ids.ts'
import { ModelCard } from '../../shared/models/model-card.ts'
import { sendJson } from '../../cluster/link/streams/json-stream.ts'
import { linkTwo } from '../__fixtures__/link-two.ts'
import { createClusterDownloads } from './cluster-downloads.ts'
import { MOST_STARTED } from './member-acts.ts'

const [a, b] = [NodeId.parse('a'), NodeId.parse('b')]
const modelId = ModelId.parse('org/m')
const newest = ModelCard.parse({
  modelId,
  aliases: ['m'],
  family: 'llama',
  layers: 2,
  hiddenSize: 8,
  attentionHeads: 2,
  kvHeads: 1,
  headDim: 4,
  vocabSize: 100,
  weightBytes: 1000,
  contextTokens: 2048,
})
const asked = new AppError('hub-unreachable', 'The hub cannot be reached.')
const never = new AbortController().signal

let hubFails: AppError | null
let knownCard: ModelCard | null
/** The models that each node's own user has asked for. */
let notedBy: Record<string, string[]>
/** Who vouches for the commit of each download. */
let origins: string[]
let nowMs: number
let logged: unknown[][]
let ofA: DownloadsPort
let ofB: DownloadsPort

/** A node whose downloads never end on their own. */
function createNode(nodeId: NodeId, links: ReturnType<typeof linkTwo>[number]): DownloadsPort {
  let count = 0
  const downloads = new Downloads({ newId: () => `${downloadPrefix(nodeId)}-${++count}`, onChange: () => undefined })
  const work = (_: unknown, signal: AbortSignal) =>
    new Promise<never>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))
  return createClusterDownloads({
    nodeId,
    local: {
      startDownload: async (card, { revision, origin, startedBy }) => {
        origins.push(origin)
        return downloads.start({ modelId: card.modelId, revision, startedBy }, work, never)
      },
    },
    downloads,
    hub: {
      noteAsked: (id) => void (notedBy[nodeId] ??= []).push(id),
      idOf: (name) => (name.includes('/') || name === 'm' ? modelId : null),
      card: () => (hubFails ? Promise.reject(hubFails) : Promise.resolve(newest)),
    },
    card: (name) => (knownCard ? Promise.resolve(knownCard) : Promise.reject(new AppError('model-not-found', `No ${name}.`))),
    cardForOthers: (name) => (knownCard ? Promise.resolve(knownCard) : Promise.reject(new AppError('model-not-found', `No ${name}.`))),
    links,
    clock: { now: () => nowMs },
    log: { info: (message, fields) => void logged.push([message, fields?.['member'], fields?.['act']]) },
    signal: never,
  })
}

beforeEach(() => {
  hubFails = null
  knownCard = null
  notedBy = {}
  origins = []
  nowMs = 0
  logged = []
  const [linksOfA, linksOfB] = linkTwo(a, b)
  ofA = createNode(a, linksOfA)
  ofB = createNode(b, linksOfB)
})

describe('downloads of a cluster', () => {
  it('start on another node, where they are found also when no report names them', async () => {
    const { download } = await ofA.start('m', 'main', b)
    expect(download?.id).toBe('dl-b-1')
    expect(await ofA.find('dl-b-1')).toMatchObject({ modelId, status: 'running' })
    expect(await ofB.find('dl-b-1')).toMatchObject({ modelId, status: 'running' })
    await ofA.cancel('dl-b-1')
    await expect(ofA.start('nonsense', 'main', b)).rejects.toMatchObject({ code: 'hub-model-not-found' })
    await expect(ofA.start('m', 'main', 'c')).rejects.toMatchObject({ code: 'no-link' })
  })

  it('A4: are no wish of this user where another node starts them, so they use no token for private models', async () => {
    await ofA.start('org/m', 'main', b)
    expect(notedBy).toEqual({})
    await ofA.start('org/m', 'main', null)
    await ofB.start('m', 'main', b)
    expect(notedBy).toEqual({ a: [modelId], b: [modelId] })
  })

  it('are steered through any node', async () => {
    const { download } = await ofA.start('m', 'main', null)
    const id = download?.id ?? ''
    expect(await ofB.find(id)).toMatchObject({ id: 'dl-a-1', modelId, status: 'running' })
    expect(await ofB.pause(id)).toMatchObject({ status: 'paused' })
    expect(await ofA.find(id)).toMatchObject({ status: 'paused' })
    expect(await ofB.resume(id)).toMatchObject({ status: 'running' })
    await ofB.cancel(id)
    for (const node of [ofA, ofB])
      await expect
        .poll(() =>
          node.find(id).then(
            () => 'there',
            (error: AppError) => error.code,
          ),
        )
        .toBe('download-not-found')
  })

  it('that are unknown are not found', async () => {
    for (const act of ['find', 'pause', 'resume', 'cancel'] as const)
      await expect(ofA[act]('download-x')).rejects.toMatchObject({ code: 'download-not-found' })
  })

  it('begin with what the hub has now; where it cannot be asked, with what the cluster knows of main', async () => {
    await expect(ofA.start('nonsense', 'main', null)).rejects.toMatchObject({ code: 'hub-model-not-found' })
    hubFails = asked
    await expect(ofA.start('org/m', 'main', null)).rejects.toBe(asked)
    knownCard = newest
    expect(await ofA.start('org/m', 'main', null)).toMatchObject({ modelId, download: { status: 'running' } })
    // A4: a commit that another node names does not become `main` in the shared cache.
    expect(origins).toEqual(['placed'])
    await expect(ofB.start('org/m', 'v1', null)).rejects.toBe(asked)
    hubFails = new AppError('hub-gated', 'It is gated.')
    await expect(ofB.start('org/m', 'main', null)).rejects.toMatchObject({ code: 'hub-gated' })
  })

  it('D1: are bounded for each other node, whose name is in the log', async () => {
    const starts = await Promise.allSettled(Array.from({ length: MOST_STARTED + 5 }, (_, count) => ofA.start('org/m', `v${count}`, b)))
    expect(starts.filter(({ status }) => status === 'fulfilled')).toHaveLength(MOST_STARTED)
    expect(await ofB.find('dl-b-1')).toMatchObject({ startedBy: a })
    expect((await ofB.start('org/m', 'own', b)).download).not.toBeNull()
    await ofA.cancel('dl-b-1')
    expect((await ofA.start('org/m', 'there-is-room', b)).download).not.toBeNull()
    expect(logged).toContainEqual(['another node starts a download', a, undefined])
    expect(logged).toContainEqual(['another node acts on a download', a, 'cancel'])
  })

  it('A2: have ids that name their node: what another node says about them changes neither the id nor who started it', async () => {
    const [linksOfA, linksOfB] = linkTwo(a, b)
    ofA = createNode(a, linksOfA)
    const { download } = await ofA.start('org/m', 'main', null)
    const claimed = { ...download, status: 'paused', startedBy: a }
    for (const kind of ['download', 'start-download'])
      linksOfB.handleStream(kind, (stream) => sendJson(stream, kind === 'download' ? claimed : { modelId, download: claimed }))
    await expect(ofA.start('m', 'main', b)).rejects.toMatchObject({ code: 'stream-invalid' })
    await expect(ofA.find('dl-b-7')).rejects.toMatchObject({ code: 'stream-invalid' })
    expect(await ofA.pause('dl-a-1')).toEqual({ ...download, status: 'paused' })
    claimed.id = 'dl-b-7'
    expect(await ofA.find('dl-b-7')).toEqual({ ...download, id: 'dl-b-7', status: 'paused' })
    await expect(ofA.find('dl-c-7')).rejects.toMatchObject({ code: 'no-link' })
  })

  it('D1: are not paused by another node again and again', async () => {
    const id = (await ofA.start('org/m', 'main', b)).download?.id ?? ''
    const pauses = await Promise.allSettled(Array.from({ length: 50 }, () => ofA.pause(id)))
    expect(pauses.filter(({ status }) => status === 'fulfilled')).toHaveLength(20)
    await ofB.resume(id)
    await expect(ofA.pause(id)).rejects.toMatchObject({ code: 'too-many-downloads' })
    nowMs += 61_000
    expect(await ofA.pause(id)).toMatchObject({ status: 'paused' })
  })
})
