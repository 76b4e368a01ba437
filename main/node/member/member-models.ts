import { Downloads } from '../../models/downloads/downloads.ts'
import type { Hub } from '../../models/hub/open-hub.ts'
import { ModelParts } from '../../models/parts/model-parts.ts'
import type { ByteChannel } from '../../models/files/byte-channel.ts'
import type { ModelFileRequest } from '../../shared/wire/peer/model-file-request.ts'
import type { ModelStore } from '../../models/store/model-store.ts'
import type { Clock } from '../../platform/clock.ts'
import type { DiskWatch } from '../../platform/files/durable-file.ts'
import type { Log } from '../../platform/log/log.ts'
import type { Random } from '../../platform/random.ts'
import { downloadPrefix } from '../../shared/models/download-id.ts'
import type { DownloadReport } from '../../shared/models/download.ts'
import type { ModelId, NodeId } from '../../shared/ids.ts'
import { instanceOf } from '../shards/instances.ts'
import type { JoinedCluster } from './join-cluster.ts'
import { LocalModels } from '../models/local-models.ts'

export interface MemberModelsDependencies {
  readonly nodeId: NodeId
  readonly store: ModelStore
  readonly hub: Hub
  readonly dataDir: string
  readonly disk?: DiskWatch | undefined
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** @throws AppError `no-leader` while the node is still starting */
  joined(): JoinedCluster
  onDownload(report: DownloadReport): void
  /** Called when files have arrived. */
  onChange(): void
}

/** The models of a node, and their downloads from the cluster and the hub. */
export function createMemberModels(dependencies: MemberModelsDependencies): { local: LocalModels; downloads: Downloads } {
  const { nodeId, store, hub, dataDir, disk, clock, random, log, joined, onDownload, onChange } = dependencies
  const downloads = new Downloads({ newId: () => random.id(downloadPrefix(nodeId)), onChange: onDownload })
  const openChannel = (from: NodeId, request: ModelFileRequest, signal: AbortSignal): ByteChannel =>
    joined().routes.openStream(from, 'model-files', request, signal)

  /** Nodes known to have the model come first, but all are asked, because reports of new files arrive late. */
  function nodesWith(modelId: ModelId): NodeId[] {
    const { storedModels: stored } = joined().service.state()
    const isKnownToHave = (peerId: NodeId): boolean => stored[peerId]?.[modelId]?.status === 'complete'
    const peerIds = joined()
      .routes.peers()
      .map((peer) => peer.nodeId)
    return [...peerIds.filter(isKnownToHave), ...peerIds.filter((peerId) => !isKnownToHave(peerId))]
  }

  const parts = new ModelParts({ dataDir, cacheDir: hub.settings.cacheDir, client: hub.client, openChannel, clock, random, log })
  const placedCard = (modelId: ModelId) => instanceOf(joined().service.state(), modelId)?.card ?? null
  const local = new LocalModels({
    nodeId,
    store,
    hub,
    dataDir,
    disk,
    clock,
    log,
    downloads,
    parts,
    nodesWith,
    placedCard,
    openChannel,
    onChange,
  })
  return { local, downloads }
}
