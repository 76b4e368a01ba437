import { beforeEach, describe, expect, it } from 'vitest'
import type { DownloadsPort } from '../../api/api-dependencies.ts'
import { Downloads } from '../../models/downloads/downloads.ts'
import { AppError } from '../../shared/app-error.ts'
import type { DownloadView } from '../../shared/models/download.ts'
import { ModelId, NodeId } from '../../shared/ids.ts'
import { ModelCard } from '../../shared/models/model-card.ts'
import { linkTwo } from '../__fixtures__/link-two.ts'
import { createClusterDownloads } from './cluster-downloads.ts'

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
let known: DownloadView[]
/** The models that each node's own user has asked for. */
let notedBy: Record<string, string[]>
let ofA: DownloadsPort
let ofB: DownloadsPort

/** A node whose downloads never end on their own. */
function createNode(nodeId: NodeId, links: ReturnType<typeof linkTwo>[number]): DownloadsPort {
  let count = 0
  const downloads = new Downloads({ random: { id: (prefix) => `${prefix}-${nodeId}-${++count}` }, onChange: () => undefined })
  const work = (_: unknown, signal: AbortSignal) =>
    new Promise<never>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))
  const port = createClusterDownloads({
    nodeId,
    local: { startDownload: async (card, revision) => downloads.start({ modelId: card.modelId, revision }, work, never) },
    downloads,
    hub: {
      noteAsked: (id) => void (notedBy[nodeId] ??= []).push(id),
      idOf: (name) => (name.includes('/') || name === 'm' ? modelId : null),
      card: () => (hubFails ? Promise.reject(hubFails) : Promise.resolve(newest)),
    },
    card: (name) => (knownCard ? Promise.resolve(knownCard) : Promise.reject(new AppError('model-not-found', `No ${name}.`))),
    cardForOthers: (name) => (knownCard ? Promise.resolve(knownCard) : Promise.reject(new AppError('model-not-found', `No ${name}.`))),
    known: () => known,
    links,
    signal: never,
  })
  return {
    ...port,
    start: async (model, revision, node) => {
      const started = await port.start(model, revision, node)
      if (started.download && node === null) known.push({ ...started.download, nodeId })
      return started
    },
  }
}

beforeEach(() => {
  hubFails = null
  knownCard = null
  known = []
  notedBy = {}
  const [linksOfA, linksOfB] = linkTwo(a, b)
  ofA = createNode(a, linksOfA)
  ofB = createNode(b, linksOfB)
})

describe('downloads of a cluster', () => {
  it('start on another node, where they are found also when no report names them', async () => {
    const { download } = await ofA.start('m', 'main', b)
    expect(download?.id).toBe('download-b-1')
    expect(await ofA.find('download-b-1')).toMatchObject({ modelId, status: 'running' })
    expect(await ofB.find('download-b-1')).toMatchObject({ modelId, status: 'running' })
    await ofA.cancel('download-b-1')
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
    expect(await ofB.find(id)).toMatchObject({ id: 'download-a-1', modelId, status: 'running' })
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
    await expect(ofB.start('org/m', 'v1', null)).rejects.toBe(asked)
    hubFails = new AppError('hub-gated', 'It is gated.')
    await expect(ofB.start('org/m', 'main', null)).rejects.toMatchObject({ code: 'hub-gated' })
  })
})
