import type { ClusterState, InstanceState } from '../../domain/cluster/cluster-state.ts'
import { faultOfPlacement, refuseAssignment } from '../../domain/instance/refuse-assignment.ts'
import type { InstanceId, ModelId, NodeId } from '../../shared/ids.ts'
import type { ShardStats } from '../../shared/shard.ts'
import type { ShardReport, ShardSample } from '../../shared/wire/peer/node-report.ts'
import { assignmentsOf, type ShardAssignment } from './group/shard-assignment.ts'
import { LocalShard, type LocalShardDependencies, type ReadyShard } from './local-shard.ts'

export interface ShardHostDependencies extends LocalShardDependencies {
  readonly nodeId: NodeId
  /** All memory that models may use on this node. */
  limitBytes(): number
}

/**
 * Keeps the shard workers of this node in line with the cluster's state: starts assigned shards, ends all others.
 * The state is the only input; `reports` has the status of each shard.
 */
export class ShardHost {
  readonly #dependencies: ShardHostDependencies
  readonly #shards = new Map<InstanceId, LocalShard>()
  /** Shards that are ending and still hold memory. */
  readonly #ending = new Set<Promise<void>>()
  /** Epochs of instances that are ignored, each of them logged once. */
  #ignored: ReadonlySet<string> = new Set()
  #isStopping = false

  constructor(dependencies: ShardHostDependencies) {
    this.#dependencies = dependencies
  }

  /** Accepts the latest state. Returns at once. */
  update(state: ClusterState): void {
    if (this.#isStopping) return
    const assigned = new Map(
      assignmentsOf(state, this.#dependencies.nodeId).map((assignment) => [assignment.instance.instanceId, assignment]),
    )
    for (const [instanceId, shard] of this.#shards) {
      const assignment = assigned.get(instanceId)
      if (assignment?.instance.epoch === shard.assignment.instance.epoch) shard.learn(assignment)
      else this.#end(instanceId, shard, assignment ?? null)
    }
    const ignored = new Set<string>()
    for (const [instanceId, assignment] of assigned) {
      if (this.#shards.has(instanceId)) continue
      const fault = faultOfPlacement(state, assignment.instance)
      if (fault === null) this.#begin(instanceId, assignment)
      else ignored.add(this.#ignore(assignment, fault))
    }
    this.#ignored = ignored
  }

  reports(): ShardReport[] {
    return [...this.#shards.values()].map((shard) => shard.report())
  }

  /** null while it is not ready. */
  ready(instanceId: InstanceId): ReadyShard | null {
    return this.#shards.get(instanceId)?.ready() ?? null
  }

  /** How often each rank 0 on this node has begun a run of steps. */
  begun(): { instance: InstanceState; begins: number }[] {
    return [...this.#shards.values()]
      .filter(({ assignment, begins }) => assignment.shard.rank === 0 && begins > 0)
      .map(({ assignment, begins }) => ({ instance: assignment.instance, begins }))
  }

  /** Another node's rank 0 has begun this many runs of steps. */
  follow(from: NodeId, instanceId: InstanceId, epoch: number, begins: number): void {
    const shard = this.#shards.get(instanceId)
    if (!shard || shard.assignment.instance.epoch !== epoch || shard.assignment.instance.placement.shards[0]?.nodeId !== from) return
    shard.follow(begins)
  }

  stats(): { instanceId: InstanceId; stats: ShardStats }[] {
    return [...this.#shards].flatMap(([instanceId, shard]) => {
      const stats = shard.ready()?.worker.stats()
      return stats ? [{ instanceId, stats }] : []
    })
  }

  /** The weights and cache that each local shard holds. */
  samples(): ShardSample[] {
    return [...this.#shards.values()].map((shard) => shard.sample())
  }

  /** The reports of other nodes about their shards: a rank that waits for a progressing rank is not stuck. */
  hearGroups(samples: readonly ShardSample[]): void {
    for (const [instanceId, shard] of this.#shards) {
      shard.hearGroup(samples.filter((sample) => sample.instanceId === instanceId))
    }
  }

  /** Statistics of every ready shard on this node. */
  figures(): { instanceId: InstanceId; modelId: ModelId; rank: number; residentBytes: number; stats: ShardStats | null }[] {
    return [...this.#shards].flatMap(([instanceId, shard]) => {
      const {
        instance: { card },
        shard: { rank },
      } = shard.assignment
      const ready = shard.ready()
      return ready
        ? [{ instanceId, modelId: card.modelId, rank, residentBytes: ready.info.residentBytes, stats: ready.worker.stats() }]
        : []
    })
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    await Promise.all([...this.#shards.values()].map((shard) => shard.end()))
    this.#shards.clear()
  }

  #begin(instanceId: InstanceId, assignment: ShardAssignment): void {
    const shard = new LocalShard(assignment, this.#dependencies)
    const refusal = refuseAssignment(assignment, this.#held(), this.#dependencies.limitBytes())
    this.#shards.set(instanceId, shard)
    if (refusal) shard.refuse(refusal)
    else if (this.#ending.size === 0) void shard.run()
    else void Promise.all(this.#ending).then(() => shard.run())
  }

  /** The parts that hold memory here, or are about to. */
  #held(): ShardAssignment[] {
    const shards = [...this.#shards.values()].filter((shard) => shard.successor === undefined && shard.report().status !== 'failed')
    return shards.map(({ assignment }) => assignment)
  }

  /** @returns the key by which it is known to be logged */
  #ignore({ instance: { instanceId, epoch, card } }: ShardAssignment, fault: string): string {
    const key = `${instanceId} ${epoch}`
    if (!this.#ignored.has(key))
      this.#dependencies.log.warn('a placement is ignored', { instanceId, epoch, modelId: card.modelId, reason: fault })
    return key
  }

  /** The next shard, of this instance or of one that replaces it, starts once this one's memory is free. */
  #end(instanceId: InstanceId, shard: LocalShard, next: ShardAssignment | null): void {
    if (shard.successor === undefined) {
      const ended = shard.end()
      this.#ending.add(ended)
      void ended.then(() => {
        this.#ending.delete(ended)
        this.#shards.delete(instanceId)
        if (shard.successor && !this.#isStopping) this.#begin(instanceId, shard.successor)
        this.#dependencies.onChange()
      })
    }
    shard.successor = next
  }
}
