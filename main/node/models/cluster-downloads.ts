import type { DownloadsPort } from '../../api/api-dependencies.ts'
import { answerPeers, askPeer } from '../../cluster/link/streams/ask-peer.ts'
import type { Links } from '../../cluster/link/links.ts'
import type { Hub } from '../../models/hub/open-hub.ts'
import type { Downloads } from '../../models/downloads/downloads.ts'
import { AppError, errorCode } from '../../shared/app-error.ts'
import { hasTrait } from '../../shared/error-codes.ts'
import { type DownloadReport, type DownloadView, MAIN_REVISION } from '../../shared/models/download.ts'
import { ModelId, type NodeId } from '../../shared/ids.ts'
import type { ModelCard } from '../../shared/models/model-card.ts'
import type { PeerMessage } from '../../shared/wire/peer/peer-message.ts'
import type { PeerRequest } from '../../shared/wire/peer/peer-streams.ts'
import type { LocalModels } from './local-models.ts'

type Act = PeerRequest<'download'>

export interface ClusterDownloadsDependencies {
  readonly nodeId: NodeId
  readonly local: Pick<LocalModels, 'startDownload'>
  readonly downloads: Downloads
  readonly hub: Pick<Hub, 'idOf' | 'card' | 'noteAsked'>
  /** The card known to the cluster. */
  card(name: string, signal: AbortSignal): Promise<ModelCard>
  /** The downloads of all nodes, as last reported. */
  known(): readonly DownloadView[]
  readonly links: Pick<Links<PeerMessage>, 'openStream' | 'handleStream'>
  readonly signal: AbortSignal
}

/** Starts downloads on this node, and controls those of all nodes. */
export function createClusterDownloads({
  nodeId,
  local,
  downloads,
  hub,
  card,
  known,
  links,
  signal,
}: ClusterDownloadsDependencies): DownloadsPort {
  answerPeers(links, 'download', (request) => actHere(downloads, request))

  /** @throws AppError `download-not-found`, and the errors of the link */
  async function act(request: Act): Promise<DownloadReport> {
    const owner = known().find(({ id }) => id === request.id)?.nodeId
    if (downloads.has(request.id) || owner === undefined || owner === nodeId) return actHere(downloads, request)
    return askPeer(links, owner, 'download', request, signal)
  }

  return {
    async start(name, revision) {
      const modelId = hub.idOf(name)
      if (modelId === null)
        throw new AppError(
          'hub-model-not-found',
          `"${name}" is not a Hugging Face model name. Use an id such as mlx-community/Qwen3-0.6B-4bit, or an alias.`,
          { param: 'model' },
        )
      hub.noteAsked(modelId)
      const now = await hub.card(modelId, signal, revision).catch(async (error: unknown) => {
        const code = errorCode(error)
        if (!(hasTrait(code, 'hub-silent') || hasTrait(code, 'not-at-hub')) || revision !== MAIN_REVISION) throw error
        return card(name, signal).catch((reason: unknown) => {
          throw errorCode(reason) === 'model-not-found' ? error : reason
        })
      })
      return { modelId: ModelId.parse(now.modelId), download: await local.startDownload(now, revision, signal) }
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
