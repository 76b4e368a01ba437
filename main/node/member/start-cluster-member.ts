import { AppError } from '../../shared/app-error.ts'
import type { DownloadsPort } from '../../api/api-dependencies.ts'
import type { ClusterAdmission } from '../../cluster/admission/cluster-admission.ts'
import type { LinkEnd } from '../../cluster/link/peer-link.ts'
import type { NodeIdentity } from '../../cluster/identity/open-identity.ts'
import { generateRemotely, serveGenerations } from '../../cluster/remote-generation.ts'
import type { InstanceState } from '../../domain/cluster/cluster-state.ts'
import { clusterTopology } from '../../domain/placement/cluster-topology.ts'
import type { DraftsPort, TokenizerPort } from '../../router/router-ports.ts'
import { openTokenizer } from '../../models/tokenizer/open-tokenizer.ts'
import { serveModelFiles } from '../../models/peer-copy/serve-model-files.ts'
import type { Hub } from '../../models/hub/open-hub.ts'
import type { MetricsSnapshot } from '../../metrics/metrics-snapshot.ts'
import type { ModelStore } from '../../models/store/model-store.ts'
import type { Clock } from '../../platform/clock.ts'
import type { DiskTroubles } from '../../platform/files/disk-troubles.ts'
import type { Log } from '../../platform/log/log.ts'
import type { RecentLog } from '../../platform/log/recent-log.ts'
import type { Random } from '../../platform/random.ts'
import type { ClusterView } from '../../shared/cluster-view.ts'
import type { HardwareFacts, InterfaceKind, MachineSensors } from '../../shared/hardware.ts'
import type { DescribedFamily } from '../../shared/models/described-family.ts'
import type { InstanceId, ModelId } from '../../shared/ids.ts'
import type { PlacementRequest } from '../../shared/placement.ts'
import type { RankSteps } from '../../shared/rank-steps.ts'
import type { ShardStats } from '../../shared/shard.ts'
import type { Link, Topology } from '../../shared/topology.ts'
import type { NodeFacts } from '../../shared/wire/peer/cluster-event.ts'
import type { InstanceKeep } from '../../shared/wire/peer/node-report.ts'
import { ClusterModels } from '../models/cluster-models.ts'
import { createClusterDownloads } from '../models/cluster-downloads.ts'
import type { ClusterControl } from '../shards/cluster-control.ts'
import type { MemberConfig } from '../config/node-config.ts'
import type { NodeHost } from '../config/node-host.ts'
import { clearGroups } from '../shards/group/group-environment.ts'
import { DraftRoom } from '../shards/draft/draft-room.ts'
import { createDrafts } from '../shards/draft/drafts.ts'
import type { FirstTokenTimes } from '../shards/first-token-times.ts'
import { followMoves } from '../peers/follow-moves.ts'
import { createGenerateHere } from '../shards/generate-here.ts'
import { type InstanceKeeps, keepsOf } from '../shards/instance-keeps.ts'
import { createInstances, type Instances, type InstancesDependencies } from '../shards/instances.ts'
import { admissionOf } from '../../domain/admission/cluster-choice.ts'
import { joinCluster, type JoinClusterDependencies } from './join-cluster.ts'
import { createClusterLogs } from '../peers/cluster-logs.ts'
import { createMeasureLinks } from '../peers/measure-links.ts'
import { memberDiagnostics, type MemberDiagnostics } from './member-diagnostics.ts'
import { createMemberModels } from './member-models.ts'
import { createMemberShards } from './create-member-shards.ts'
import { LateCluster } from './late-cluster.ts'
import { readMachineSpeed } from '../files/speed-file.ts'
import { OwnReport } from './own-report.ts'
import { ModelTokenizers } from '../models/model-tokenizers.ts'
import { measureMemberPaths } from './measure-member-paths.ts'
import type { PeerListing } from '../peers/peer-listing.ts'
import { nearbyPeers } from './nearby-peers.ts'
import { placedModel } from '../../domain/instance/placed-model.ts'
import { createRankSteps } from '../shards/rank-steps.ts'
import { noticeBrokenGroups } from '../shards/notice-broken-groups.ts'
import { viewOfNode } from './view-of-node.ts'

const STORED_MODELS_EACH_MS = 30_000
/** After these ends of a link, the network is in doubt. The other end may have found out that large packets are lost. */
const SUSPICIOUS_ENDS: ReadonlySet<LinkEnd['code']> = new Set(['silent', 'closed'])
export interface ClusterMemberDependencies {
  readonly config: MemberConfig
  readonly host: NodeHost
  readonly identity: NodeIdentity
  readonly store: ModelStore
  readonly hub: Hub
  /** The families that models may have beyond the built-in ones. */
  readonly families: readonly DescribedFamily[]
  readonly hardware: { facts(): HardwareFacts; sensors?(): MachineSensors | null; onFacts(listener: () => void, signal: AbortSignal): void }
  readonly admitting: Pick<JoinClusterDependencies, 'acceptPairing' | 'closed' | 'pathOf'>
  readonly firstTokens: Pick<FirstTokenTimes, 'list'>
  readonly keeps: Pick<InstanceKeeps, 'list'>
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly recentLog: RecentLog
  readonly cores: number
  readonly disk: DiskTroubles
}

/** This node as a member of its cluster: its shards, and its access to the other nodes. */
export interface ClusterMember {
  readonly control: ClusterControl
  readonly models: ClusterModels
  readonly downloads: DownloadsPort
  instances(defaultRequest: PlacementRequest, kvBitsOf: InstancesDependencies['kvBitsOf']): Instances
  readonly drafts: DraftsPort
  view(): ClusterView
  topology(): Topology
  peers(): PeerListing[]
  /** Makes all nodes measure how fast their peers send to them. */
  measureLinks(signal: AbortSignal): Promise<Link[]>
  /** The hardware facts of the nodes, and the offsets of their clocks from this one's. */
  diagnostics(): MemberDiagnostics
  /** The steps of each rank of an instance in a time range, in this node's clock. */
  rankSteps(instance: InstanceState, sinceEpochMs: number, untilEpochMs: number): Promise<RankSteps[]>
  /** A part of the log of a node. */
  logs: ReturnType<typeof createClusterLogs>
  /** For metrics: the models and downloads of this node, and its links. */
  figures(): Pick<MetricsSnapshot, 'shards' | 'links' | 'downloads'>
  /** Instances whose rank 0 is on this node. */
  stats(): { instanceId: InstanceId; stats: ShardStats }[]
  /** The keep-alive times of instances, as requested by clients of any node. */
  keeps(): ReadonlyMap<InstanceId, InstanceKeep>
  /** null: this node's cluster has a chosen key or is open. */
  readonly admission: ClusterAdmission | null
  /** The address of this node for other nodes. */
  peerPort(): number
  setApiPort(port: number): void
  stop(): Promise<void>
}

export async function startClusterMember(dependencies: ClusterMemberDependencies, signal: AbortSignal): Promise<ClusterMember> {
  const { config, host, identity, store, hub, hardware, clock, random, log } = dependencies
  const { nodeId } = identity
  const kindOfInterface = (name: string): InterfaceKind =>
    hardware.facts().interfaces.find((candidate) => candidate.name === name)?.kind ?? 'other'

  const late = new LateCluster()
  const own = new OwnReport({
    nodeId,
    config,
    hardware,
    speed: await readMachineSpeed(config.dataDir),
    cluster: late,
    firstTokens: dependencies.firstTokens,
    keeps: dependencies.keeps,
    clock,
    log,
  })
  const { local, downloads } = createMemberModels({
    nodeId,
    store,
    hub,
    dataDir: config.dataDir,
    disk: dependencies.disk,
    clock,
    random,
    log,
    joined: () => late.joined(),
    onDownload({ modelId, doneBytes, totalBytes }) {
      if (totalBytes > 0) host.onProgress({ label: `Fetching ${modelId}`, doneBytes, totalBytes })
    },
    onChange: () => void own.refreshStoredModels(),
  })
  own.includeModels(local, downloads)
  await clearGroups(config.dataDir)
  await own.refreshStoredModels()

  const { name: nodeName, totalBytes } = hardware.facts()
  const cluster = await joinCluster(
    {
      config,
      datagramEntry: host.datagramEntry,
      identity,
      nodeName,
      totalBytes,
      clock,
      random,
      log,
      kindOfInterface,
      ...dependencies.admitting,
      ownReport: () => own.report(),
      ownSample: () => own.sample(),
      disk: dependencies.disk,
    },
    signal,
  )
  late.enter(cluster)
  const measured = measureMemberPaths(cluster, { identity, clock, kindOfInterface }, signal)
  const shards = createMemberShards({
    nodeId,
    config,
    host,
    hardware,
    cores: dependencies.cores,
    local,
    families: dependencies.families,
    cluster,
    ownFacts: () => own.facts(),
    onChange: () => noticeBroken(cluster.service.state()),
    onStandstill: () => measured.suspect(),
    random,
    clock,
    log,
  })
  const noticeBroken = noticeBrokenGroups(
    () => measured.doubt(),
    () => shards.reports(),
  )
  own.includeWork(shards, measured)
  const tokenizers = new ModelTokenizers((modelDir) => openTokenizer(modelDir, { threadEntry: host.tokenizerEntry }, signal), log)
  const models = new ClusterModels({ local, hub, state: () => cluster.service.state(), links: cluster.routes, log })
  const tokenizer = (modelId: ModelId, tokenizerSignal: AbortSignal): Promise<TokenizerPort> =>
    tokenizers.get(modelId, () => local.withoutWeights(modelId, tokenizerSignal))
  const generateHere = createGenerateHere({
    nodeId,
    ready: (instanceId) => shards.ready(instanceId),
    vocabulary: async (instanceId, vocabularySignal) => {
      const instance = cluster.service.state().instances[instanceId]
      const tokens = instance ? (await tokenizer(instance.card.modelId, vocabularySignal)).vocabulary?.() : null
      if (!tokens) throw new AppError('grammar-unsupported', 'This model has no tokenizer, so that its answers cannot follow a grammar.')
      return tokens
    },
    card: (...asked) => models.card(...asked),
    cardForOthers: (...asked) => models.cardForOthers(...asked),
    placed: (modelId) => placedModel(cluster.service.state(), modelId),
    draftRoom: new DraftRoom({
      reservedFor: (instanceId) => cluster.service.state().instances[instanceId]?.request.draftModelId ?? null,
      freeBytes: () => clusterTopology(cluster.service.state(), cluster.availableBytes()).nodes[nodeId]?.availableBytes ?? 0,
    }),
    local,
  })

  cluster.links.onPeer(() => measured.measureAll())
  cluster.links.onPeerLost((_, { code }) => {
    if (SUSPICIOUS_ENDS.has(code)) measured.doubt()
  })
  cluster.routes.handleStream('model-files', (stream) => serveModelFiles(stream, stream.header, local.served()))
  serveGenerations(cluster.routes, ({ instanceId, epoch }, generation, generationSignal) =>
    generateHere(instanceId, epoch, generation, 'elsewhere', generationSignal),
  )
  followMoves(hardware, cluster.links, signal)
  hardware.onFacts(() => cluster.service.reportChanged(), signal)
  clock.every(STORED_MODELS_EACH_MS, () => void own.refreshStoredModels(), signal)
  let knownAddresses = ''
  cluster.service.onState((state) => {
    shards.update(state)
    noticeBroken(state)
    const addresses = JSON.stringify(Object.values<NodeFacts>(state.nodes).map((node) => [node.nodeId, node.addresses]))
    if (addresses !== knownAddresses) measured.measureAll()
    knownAddresses = addresses
    tokenizers.keepOnly(new Set(Object.values(state.instances).map((instance: InstanceState) => instance.card.modelId)))
  }, signal)

  const view = (): ClusterView => viewOfNode(cluster, nodeId, config, dependencies.disk.view())

  return {
    control: cluster.control,
    models,
    measureLinks: createMeasureLinks({
      routes: cluster.routes,
      log,
      measureOwn: (measureSignal) => measured.measureThroughput(measureSignal),
    }),
    downloads: createClusterDownloads({
      nodeId,
      local,
      downloads,
      hub,
      card: (name, cardSignal) => models.card(name, cardSignal),
      cardForOthers: (name, cardSignal) => models.cardForOthers(name, cardSignal),
      links: cluster.routes,
      clock,
      log,
      signal,
    }),
    instances: (defaultRequest, kvBitsOf) =>
      createInstances({
        nodeId,
        cluster: cluster.control,
        samples: () => cluster.service.samples(),
        clock,
        defaultRequest,
        kvBitsOf,
        card: (modelId, cardSignal) => models.card(modelId, cardSignal),
        tokenizer,
        isHere: (modelId) => cluster.service.state().storedModels[nodeId]?.[modelId]?.status === 'complete',
        isIdle: ({ instanceId }) =>
          ![...cluster.service.samples().values()].some(({ rates }) =>
            rates.some((rate) => rate.instanceId === instanceId && rate.running + rate.waiting > 0),
          ),
        isServing: ({ instanceId, epoch, placement }) =>
          placement.shards[0]?.nodeId !== nodeId || shards.ready(instanceId)?.epoch === epoch,
        generate(instance, generation, generationSignal) {
          const rankZero = instance.placement.shards[0]
          if (!rankZero || rankZero.nodeId === nodeId)
            return generateHere(instance.instanceId, instance.epoch, generation, 'here', generationSignal)
          return generateRemotely(cluster.routes, rankZero.nodeId, instance, generation, generationSignal)
        },
      }),
    drafts: createDrafts(tokenizer),
    view,
    topology: () => clusterTopology(cluster.service.state(), cluster.availableBytes()),
    peers: () => nearbyPeers(cluster, { clusterName: config.clusterName, needsKey: admissionOf(config) === 'key' }),
    diagnostics: () => memberDiagnostics(cluster, nodeId, hardware.facts()),
    rankSteps: createRankSteps({
      nodeId,
      shards,
      links: cluster.routes,
      nodeName: (owner) => cluster.service.state().nodes[owner]?.name ?? owner,
      clockSkewMs: () => cluster.service.clockSkewMs(),
      log,
    }),
    logs: createClusterLogs({ nodeId, recentLog: dependencies.recentLog, links: cluster.routes }),
    figures: () => ({
      shards: shards.figures(),
      links: cluster.links
        .peers()
        .map(({ nodeId: to, roundTripMs, sentBytes, receivedBytes }) => ({ to, kind: 'tcp', roundTripMs, sentBytes, receivedBytes })),
      downloads: { active: downloads.list().length, ...downloads.counts() },
    }),
    stats: () => own.rankZeroStats(),
    keeps: () =>
      keepsOf([
        ...[...cluster.service.samples().values()].filter((sample) => sample.nodeId !== nodeId),
        { keeps: dependencies.keeps.list(cluster.service.state()) },
      ]),
    admission: cluster.admission,
    peerPort: () => cluster.peerPort,
    setApiPort: (port) => own.setApiPort(port),
    async stop() {
      // The other nodes continue with this node's instances while its workers end.
      await cluster.leave()
      await shards.stop()
      await tokenizers.close()
    },
  }
}
