import { join } from 'node:path'
import { placesFor } from '../../api/access/connection-places.ts'
import { type Api, createApi } from '../../api/create-api.ts'
import type { PairingDesk } from '../../cluster/pairing/pairing-desk.ts'
import { nodesNamed } from '../../domain/cluster/nodes-named.ts'
import { McpServers } from '../../mcp/mcp-servers.ts'
import { spareDescriptors } from '../../platform/processes/spare-descriptors.ts'
import { randomHex } from '../../platform/random-hex.ts'
import { MODEL_FAMILIES } from '../../shared/models/model-families.ts'
import type { PlacementRequest } from '../../shared/placement.ts'
import { version } from '../../shared/version.ts'
import type { NodeFacts } from '../../shared/wire/peer/cluster-event.ts'
import type { Exposure } from '../../shared/wire/api/exposure.ts'
import type { ApiAddress } from '../api/api-address.ts'
import { createClusterForApi } from '../api/cluster-for-api.ts'
import { createMembershipForApi } from '../api/membership-for-api.ts'
import { createModelSettingsForApi } from '../api/model-settings-for-api.ts'
import { createModelsForApi } from '../api/models-for-api.ts'
import { createNodeForApi } from '../api/node-for-api.ts'
import { createTrifurcation } from '../api/trifurcation.ts'
import type { ClusterMembership } from '../member/cluster-membership.ts'
import type { CurrentMember } from '../member/current-member.ts'
import type { FirstTokenTimes } from '../shards/first-token-times.ts'
import { expiryOf, type InstanceKeeps } from '../shards/instance-keeps.ts'
import type { NodeLife } from './node-life.ts'
import type { NodeSurroundings } from './node-surroundings.ts'
import type { NodeFiles } from './open-node-files.ts'
import type { NodeModels } from './open-models.ts'
import type { Answering } from './start-answering.ts'
import type { WatchedHardware } from './watch-hardware.ts'

export interface NodeApiParts {
  readonly address: ApiAddress
  readonly files: NodeFiles
  readonly models: NodeModels
  readonly hardware: WatchedHardware
  readonly membership: ClusterMembership
  readonly desk: PairingDesk
  readonly current: CurrentMember
  readonly answering: Answering
  readonly defaultRequest: PlacementRequest
  readonly firstTokens: FirstTokenTimes
  readonly keeps: InstanceKeeps
  readonly maxMemoryBytes: number | null
}

/** The HTTP API over the parts of this node. */
export function createNodeApi({ config, host, clock, random, log }: NodeSurroundings, parts: NodeApiParts, life: NodeLife): Promise<Api> {
  const { address, files, models, hardware, membership, desk, current, answering, defaultRequest, firstTokens, keeps, maxMemoryBytes } =
    parts
  const { identity, settings, tokens, apiToken, ownKey } = files
  const { cards, families, hub, store, derived } = models
  const { control, models: memberModels, instances, drafts, downloads } = current
  const { router, history, responseJournal, conversationJournal, activityJournal, metrics, traces } = answering
  const { nodeId } = identity
  const mcp = new McpServers({ path: join(config.dataDir, 'mcp.json'), log })
  life.onStop(() => mcp.close())
  const { signal } = life
  const exposure = (): Exposure => ({
    apiHost: address.host,
    apiPort: address.port,
    asksForToken: apiToken !== null,
    namedTokens: tokens.list().length,
    allowedOrigins: config.allowedOrigins,
    openCluster: membership.choice().isOpen ? membership.choice().clusterName : null,
    peerPort: membership.member().peerPort(),
  })
  return createApi(
    {
      inference: router,
      history,
      models: createModelsForApi({
        store,
        cards,
        families: [...MODEL_FAMILIES, ...families],
        derived,
        hub,
        signal,
        dataDir: config.dataDir,
        hubCacheDir: hub.settings.cacheDir,
        state: () => control.state(),
        isDownloading: (modelId) =>
          membership
            .member()
            .view()
            .downloads.some((download) => download.nodeId === nodeId && download.modelId === modelId),
      }),
      responseJournal,
      conversationJournal,
      activityJournal,
      chatFiles: files.chats,
      chatPresets: files.chatPresets,
      mcp,
      modelSettings: createModelSettingsForApi(models.settings, (name) => memberModels.resolve(name, signal)),
      trifurcation: createTrifurcation({
        control,
        card: (model, cardSignal) => memberModels.card(model, cardSignal),
        topology: () => membership.member().topology(),
        defaultRequest,
        random,
      }),
      downloads: {
        ...downloads,
        async start(model, revision, node) {
          const [owner] = node === null ? [] : nodesNamed([node], Object.values<NodeFacts>(control.state().nodes))
          return downloads.start(model, revision, owner?.nodeId ?? null)
        },
      },
      metrics,
      traces,
      cluster: createClusterForApi({
        nodeId,
        control,
        models: memberModels,
        instances,
        drafts,
        defaultRequest,
        signal,
        contextOf: (modelId) => models.settings.contextOf(modelId),
        kvBitsOf: (modelId) => models.settings.kvBitsOf(modelId),
        keep: (...noted) => keeps.note(...noted),
        expiryOf: (placed) =>
          expiryOf(
            placed,
            membership.member().keeps(),
            new Map(firstTokens.list().map(({ instanceId, atEpochMs }) => [instanceId, atEpochMs])),
            config.idleUnloadMs,
            clock.epochMs(),
          ),
        view: () => membership.member().view(),
        topology: () => membership.member().topology(),
        peers: () => membership.member().peers(),
        diagnostics: () => ({ ...membership.member().diagnostics(), exposure: exposure() }),
        measureLinks: (measureSignal) => membership.serving().member.measureLinks(measureSignal),
        logs: async (...asked) => membership.serving().member.logs(...asked),
      }),
      membership: createMembershipForApi(membership, desk),
      node: createNodeForApi(
        {
          membership,
          settings,
          store,
          hardware,
          clock,
          dataDir: config.dataDir,
          modelCacheDir: hub.settings.cacheDir,
          maxMemoryBytes,
          exposure,
          ownKey,
          api: () => address,
        },
        signal,
      ),
      tokens,
      clock,
      timers: clock,
      newId: () => randomHex(random, 16),
      log,
    },
    {
      version,
      apiToken,
      trustsOwnMachine: files.exposure.isBySetting,
      allowedOrigins: config.allowedOrigins,
      allowedHosts: config.allowedHosts,
      cloudNames: config.cloudNames,
      mostConnections: () => placesFor(spareDescriptors()),
      dashboardDir: host.dashboardDir,
      bodyThreadEntry: host.bodyEntry,
    },
  )
}
