import { isOneMachine } from '../../domain/cluster/is-one-machine.ts'
import type { InstanceState } from '../../domain/cluster/cluster-state.ts'
import { shardSpec } from '../../domain/launch/shard-spec.ts'
import { clusterTopology } from '../../domain/placement/cluster-topology.ts'
import { draftBytes } from '../../domain/placement/draft-size.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Log } from '../../platform/log/log.ts'
import { countOutOfMemoryKills } from '../../platform/processes/count-out-of-memory-kills.ts'
import { processCpuMs } from '../../platform/processes/process-cpu-ms.ts'
import type { Random } from '../../platform/random.ts'
import type { HardwareFacts } from '../../shared/hardware.ts'
import type { NodeId } from '../../shared/ids.ts'
import type { DescribedFamily } from '../../shared/models/described-family.ts'
import type { NodeFacts } from '../../shared/wire/peer/cluster-event.ts'
import { startWorker } from '../../worker/supervisor/start-worker.ts'
import type { MemberConfig } from '../config/node-config.ts'
import type { NodeHost } from '../config/node-host.ts'
import type { LocalModels } from '../models/local-models.ts'
import { readInterfaceAddresses } from '../../discovery/peers/network-interface.ts'
import { scopedHere } from '../peers/scoped-addresses.ts'
import { createJoinGroup } from '../shards/group/join-group.ts'
import { reserveGroupPort } from '../shards/group/reserve-group-port.ts'
import { ShardHost } from '../shards/shard-host.ts'
import type { JoinedCluster } from './join-cluster.ts'

/**
 * A worker of a broken group cannot shut down cleanly: in a ring it waits for its neighbour, and killing it leaves no
 * driver state behind.
 */
const GROUP_CLOSE_MS = { local: 500, ring: 100, jaccl: 500 } as const
/** MLX's ranks wait half a minute for each other; a hung driver would wait forever. */
const GROUP_JOIN_MS = 45_000

export interface MemberShardsDependencies {
  readonly nodeId: NodeId
  readonly config: Pick<MemberConfig, 'dataDir' | 'maxMemoryBytes'>
  readonly host: Pick<NodeHost, 'workerEntry' | 'nativeAddon' | 'spawn' | 'onProgress'>
  readonly hardware: { facts(): HardwareFacts }
  /** The cores of this machine, used if its hardware facts do not name them. */
  readonly cores: number
  readonly local: Pick<LocalModels, 'forShard'>
  /** The families that models may have beyond the built-in ones. */
  readonly families: readonly DescribedFamily[]
  readonly cluster: Pick<JoinedCluster, 'routes' | 'links' | 'service' | 'availableBytes'>
  ownFacts(): NodeFacts
  /** Called when the reports of the shards have changed. */
  onChange(): void
  /** Called when a rank of a ring has made no progress for a moment. */
  onStandstill(): void
  readonly random: Random
  readonly clock: Clock
  readonly log: Log
}

/** The shards of this node: their workers, their groups with the shards of other nodes, and the steps that rank 0 announces to the rest. */
export function createMemberShards(dependencies: MemberShardsDependencies): ShardHost {
  const { nodeId, config, host, hardware, cores: coresHere, local, families, cluster, ownFacts, random, clock, log } = dependencies
  const { routes, links, service } = cluster
  const tellFollowers = ({ instanceId, epoch, placement }: InstanceState, begins: number): void => {
    for (const shard of placement.shards.slice(1)) routes.send(shard.nodeId, { type: 'steps-begin', instanceId, epoch, begins })
  }
  const isSameMachine = (other: NodeId): boolean => other === nodeId || isOneMachine(ownFacts(), service.state().nodes[other])
  const joinGroup = createJoinGroup({
    nodeId,
    dataDir: config.dataDir,
    routes,
    linked: () => links.peers(),
    state: () => service.state(),
    ownAddress: (address) => scopedHere(address, readInterfaceAddresses()),
    random,
    clock,
    log,
  })
  const shards = new ShardHost({
    nodeId,
    limitBytes: () => config.maxMemoryBytes ?? hardware.facts().totalBytes,
    log,
    clock,
    prepareModel: ({ instance, shard }, shardSignal) =>
      local.forShard({ card: instance.card, placement: instance.placement, shard }, shardSignal),
    reservePort: ({ instance }) => reserveGroupPort(instance.placement),
    group: joinGroup,
    shardSpec: async ({ instance, shard }, modelDir, ring) => {
      const { availableBytes, cores } = hardware.facts()
      const budgetBytes = Math.min(availableBytes, config.maxMemoryBytes ?? availableBytes)
      const ranksHere = instance.placement.shards.filter((other) => isSameMachine(other.nodeId)).length
      const isCapped = config.maxMemoryBytes !== null
      const { nodes } = clusterTopology(service.state(), cluster.availableBytes())
      // What is reserved for the draft of this instance is its own.
      const reservedBytes = shard.rank === 0 ? draftBytes(instance.request, instance.placement.contextTokens) : 0
      const unplacedBytes = isCapped ? Math.floor(nodes[nodeId]?.availableBytes ?? 0) + reservedBytes : null
      return shardSpec(
        instance.placement,
        shard,
        modelDir,
        { availableBytes: budgetBytes, isCapped, unplacedBytes, cores: cores ?? coresHere, ranksHere },
        ring,
        families,
      )
    },
    startWorker: (label, environment, backend, workerSignal) =>
      startWorker(
        {
          label,
          entry: host.workerEntry,
          environment: { EXO_NATIVE_ADDON: host.nativeAddon, ...environment },
          ...(backend === null ? {} : { limits: { closeMs: GROUP_CLOSE_MS[backend], joinMs: GROUP_JOIN_MS } }),
        },
        { spawn: host.spawn, clock, log, countOutOfMemoryKills, processCpuMs },
        workerSignal,
      ),
    onChange() {
      service.reportChanged()
      dependencies.onChange()
    },
    onProgress: (label, doneBytes, totalBytes) => host.onProgress({ label, doneBytes, totalBytes }),
    onStandstill: () => dependencies.onStandstill(),
    onStepsBegin: tellFollowers,
  })
  routes.onReached((reachedId) => {
    for (const { instance, begins } of shards.begun())
      if (instance.placement.shards.some((shard) => shard.nodeId === reachedId)) tellFollowers(instance, begins)
  })
  routes.onMessage((from, message) => {
    if (message.type === 'steps-begin') shards.follow(from, message.instanceId, message.epoch, message.begins)
  })
  return shards
}
