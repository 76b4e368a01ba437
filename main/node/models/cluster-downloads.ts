import type { DownloadsPort } from '../../api/api-dependencies.ts'
import { answerPeers, askPeer } from '../../cluster/link/streams/ask-peer.ts'
import type { Links } from '../../cluster/link/links.ts'
import type { Hub } from '../../models/hub/open-hub.ts'
import type { Downloads } from '../../models/downloads/downloads.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Log } from '../../platform/log/log.ts'
import { AppError, errorCode } from '../../shared/app-error.ts'
import { withoutStarter } from '../../domain/cluster/own-words.ts'
import { hasTrait } from '../../shared/error-codes.ts'
import { type DownloadReport, MAIN_REVISION } from '../../shared/models/download.ts'
import { ModelId, NodeId } from '../../shared/ids.ts'
import { ownerOfDownload } from '../../shared/models/download-id.ts'
import type { ModelCard } from '../../shared/models/model-card.ts'
import type { PeerMessage } from '../../shared/wire/peer/peer-message.ts'
import type { PeerRequest } from '../../shared/wire/peer/peer-streams.ts'
import type { LocalModels } from './local-models.ts'
import { MemberActs } from './member-acts.ts'

type Act = PeerRequest<'download'>

export interface ClusterDownloadsDependencies {
  readonly nodeId: NodeId
  readonly local: Pick<LocalModels, 'startDownload'>
  readonly downloads: Downloads
  readonly hub: Pick<Hub, 'idOf' | 'card' | 'noteAsked'>
  /** The card known to the cluster. */
  card(name: string, signal: AbortSignal): Promise<ModelCard>
  /** The same for a name from another node, which is never used as a path. */
  cardForOthers(name: string, signal: AbortSignal): Promise<ModelCard>
  readonly links: Pick<Links<PeerMessage>, 'openStream' | 'handleStream'>
  readonly clock: Pick<Clock, 'now'>
  readonly log: Pick<Log, 'info'>
  readonly signal: AbortSignal
}

/** Starts downloads on this node, and controls those of all nodes. */
export function createClusterDownloads({
  nodeId,
  local,
  downloads,
  hub,
  card,
  cardForOthers,
  links,
  clock,
  log,
  signal,
}: ClusterDownloadsDependencies): DownloadsPort {
  const members = new MemberActs((id) => downloads.list().some((download) => download.id === id))
  answerPeers(links, 'download', (request, { nodeId: member }) => {
    if (request.act === 'find') return actHere(downloads, request)
    members.admitAct(member, clock.now())
    log.info('another node acts on a download', { member, act: request.act, id: request.id, modelId: downloads.get(request.id).modelId })
    return actHere(downloads, request)
  })
  answerPeers(links, 'start-download', async ({ model, revision }, { nodeId: member }) => {
    // The word of another node is not that of this user, whose token opens private models.
    const { modelId, download } = await members.start(member, () => startHere(model, revision, cardForOthers, member))
    log.info('another node starts a download', { member, modelId, revision, id: download?.id ?? null })
    return { modelId: ModelId.parse(modelId), download }
  })

  /** @throws AppError `download-not-found`, and the errors of the link */
  async function act(request: Act): Promise<DownloadReport> {
    const owner = ownerOfDownload(request.id)
    if (owner === null || owner === nodeId) return actHere(downloads, request)
    const report = await askPeer(links, owner, 'download', request, signal)
    if (report.id !== request.id) throw invalidAnswer(owner)
    return withoutStarter(report)
  }

  async function startHere(name: string, revision: string, cardOf: typeof card, startedBy?: NodeId): ReturnType<DownloadsPort['start']> {
    const modelId = hub.idOf(name)
    if (modelId === null)
      throw new AppError(
        'hub-model-not-found',
        `"${name}" is not a Hugging Face model name. Use an id such as mlx-community/Qwen3-0.6B-4bit, or an alias.`,
        { param: 'model' },
      )
    let origin: 'hub' | 'placed' = 'hub'
    const now = await hub.card(modelId, signal, revision).catch(async (error: unknown) => {
      const code = errorCode(error)
      if (!(hasTrait(code, 'hub-silent') || hasTrait(code, 'not-at-hub')) || revision !== MAIN_REVISION) throw error
      origin = 'placed'
      return cardOf(name, signal).catch((reason: unknown) => {
        throw errorCode(reason) === 'model-not-found' ? error : reason
      })
    })
    return { modelId: ModelId.parse(now.modelId), download: await local.startDownload(now, { revision, origin, startedBy }, signal) }
  }

  async function startOwn(name: string, revision: string): ReturnType<DownloadsPort['start']> {
    const modelId = hub.idOf(name)
    if (modelId !== null) hub.noteAsked(modelId)
    return startHere(name, revision, card)
  }

  return {
    async start(model, revision, node) {
      if (node === null || node === nodeId) return startOwn(model, revision)
      const owner = NodeId.parse(node)
      const started = await askPeer(links, owner, 'start-download', { model, revision }, signal)
      if (started.download && ownerOfDownload(started.download.id) !== owner) throw invalidAnswer(owner)
      return { ...started, download: started.download && withoutStarter(started.download) }
    },
    find: (id) => act({ act: 'find', id }),
    pause: (id) => act({ act: 'pause', id }),
    resume: (id) => act({ act: 'resume', id }),
    cancel: async (id) => void (await act({ act: 'cancel', id })),
  }
}

function actHere(downloads: Downloads, { act, id }: Act): DownloadReport {
  const report = downloads.get(id)
  if (act === 'cancel') downloads.cancel(id)
  return act === 'pause' || act === 'resume' ? downloads[act](id) : report
}

function invalidAnswer(nodeId: NodeId): AppError {
  return new AppError('stream-invalid', 'The other machine answered with a download that is not its own.', { nodeId })
}
