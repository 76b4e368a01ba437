import type { Downloads } from '../../models/downloads/downloads.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Log } from '../../platform/log/log.ts'
import type { HardwareFacts, MachineSensors } from '../../shared/hardware.ts'
import type { InstanceId, NodeId } from '../../shared/ids.ts'
import type { MachineSpeed } from '../../shared/speed/machine-speed.ts'
import type { ShardStats } from '../../shared/shard.ts'
import type { NodeFacts } from '../../shared/wire/peer/cluster-event.ts'
import type { NodeReport, NodeSample } from '../../shared/wire/peer/node-report.ts'
import type { MemberConfig } from '../config/node-config.ts'
import type { LocalModels } from '../models/local-models.ts'
import { nodeFactsOf } from '../peers/node-facts.ts'
import type { PeerPaths } from '../peers/peer-paths.ts'
import type { FirstTokenTimes } from '../shards/first-token-times.ts'
import type { InstanceKeeps } from '../shards/instance-keeps.ts'
import type { ShardHost } from '../shards/shard-host.ts'
import type { LateCluster } from './late-cluster.ts'

export interface OwnReportDependencies {
  readonly nodeId: NodeId
  readonly config: Pick<MemberConfig, 'maxMemoryBytes' | 'sealRing'>
  readonly hardware: { facts(): HardwareFacts; sensors?(): MachineSensors | null }
  /** As measured by `exo calibrate`; null: not measured. */
  readonly speed: MachineSpeed | null
  readonly cluster: LateCluster
  readonly firstTokens: Pick<FirstTokenTimes, 'list'>
  readonly keeps: Pick<InstanceKeeps, 'list'>
  readonly clock: Pick<Clock, 'epochMs'>
  readonly log: Pick<Log, 'warn'>
}

/** What this node reports about itself to the others. Models, shards and paths are included once the start has made them. */
export class OwnReport {
  readonly #deps: OwnReportDependencies
  #apiPort = 0
  #storedModels: NodeReport['storedModels'] = []
  #models: { readonly local: Pick<LocalModels, 'list'>; readonly downloads: Pick<Downloads, 'list'> } | null = null
  #work: { readonly shards: ShardHost; readonly paths: PeerPaths } | null = null

  constructor(dependencies: OwnReportDependencies) {
    this.#deps = dependencies
  }

  includeModels(local: Pick<LocalModels, 'list'>, downloads: Pick<Downloads, 'list'>): void {
    this.#models = { local, downloads }
  }

  includeWork(shards: ShardHost, paths: PeerPaths): void {
    this.#work = { shards, paths }
  }

  setApiPort(port: number): void {
    this.#apiPort = port
    this.#deps.cluster.now()?.service.reportChanged()
  }

  async refreshStoredModels(): Promise<void> {
    const { cluster, log } = this.#deps
    try {
      const models = (await this.#models?.local.list()) ?? []
      this.#storedModels = models.map(({ modelId, totalBytes }) => ({ modelId, totalBytes, status: 'complete', message: null }))
      cluster.now()?.service.reportChanged()
    } catch (error) {
      log.warn('could not list the models of this machine', { error })
    }
  }

  facts(): NodeFacts {
    const { nodeId, config, hardware, speed, cluster } = this.#deps
    return nodeFactsOf(hardware.facts(), {
      nodeId,
      maxMemoryBytes: config.maxMemoryBytes,
      sealRing: config.sealRing,
      ...(speed && { speed }),
      apiPort: this.#apiPort,
      peerPort: cluster.now()?.peerPort ?? 0,
      narrowPaths: this.#work?.paths.narrow(),
    })
  }

  report(): NodeReport {
    return {
      node: this.facts(),
      links: this.#work?.paths.links() ?? [],
      shards: this.#work?.shards.reports() ?? [],
      storedModels: this.#storedModels,
    }
  }

  sample(): NodeSample {
    const { nodeId, config, hardware, cluster, clock, firstTokens, keeps } = this.#deps
    const service = cluster.now()?.service
    const samplesOfOthers = [...(service?.samples().values() ?? [])].filter((sample) => sample.nodeId !== nodeId)
    this.#work?.shards.hearGroups(samplesOfOthers.flatMap((sample) => sample.shards ?? []))
    return {
      nodeId,
      epochMs: clock.epochMs(),
      ...sensorsOf(hardware.sensors?.() ?? null),
      availableBytes: Math.min(hardware.facts().availableBytes, config.maxMemoryBytes ?? Infinity),
      rates: this.rankZeroStats().map(({ instanceId, stats }) => ({
        instanceId,
        decodeTokensPerSecond: stats.decodeTokensPerSecond,
        prefillTokensPerSecond: stats.prefillTokensPerSecond,
        running: stats.running,
        waiting: stats.waiting,
        kvBytes: stats.kvBytes,
      })),
      shards: this.#work?.shards.samples() ?? [],
      downloads: this.#models?.downloads.list() ?? [],
      firstTokens: firstTokens.list(),
      keeps: service ? keeps.list(service.state()) : [],
    }
  }

  /** The statistics of the instances whose rank 0 runs on this node. */
  rankZeroStats(): { instanceId: InstanceId; stats: ShardStats }[] {
    const { nodeId, cluster } = this.#deps
    const instances = cluster.now()?.service.state().instances
    return (this.#work?.shards.stats() ?? []).filter(({ instanceId }) => instances?.[instanceId]?.placement.shards[0]?.nodeId === nodeId)
  }
}

const sensorsOf = (sensors: MachineSensors | null): Pick<NodeSample, 'sensors'> => (sensors === null ? {} : { sensors })
