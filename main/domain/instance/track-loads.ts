import type { InstanceId, NodeId } from '../../shared/ids.ts'
import type { ShardStatus } from '../../shared/wire/peer/cluster-event.ts'
import type { NodeSample } from '../../shared/wire/peer/node-report.ts'
import type { ClusterState, InstanceState } from '../cluster/cluster-state.ts'

/** The furthest that a part of a model has come, and since when it has come no further while no other part is behind it. */
interface LoadMark {
  readonly stage: number
  readonly progress: number
  readonly sinceMs: number
}

/** How far each part of the instances that load has come, and the nodes that have not loaded theirs. */
export interface LoadLog {
  /** Index = rank. */
  readonly marks: ReadonlyMap<InstanceId, { readonly epoch: number; readonly ranks: readonly LoadMark[] }>
  /** When a node last stood still with a part of a model. */
  readonly idlers: ReadonlyMap<NodeId, number>
}

/** A part of a model that its node does not load. */
export interface StalledLoad {
  readonly rank: number
  readonly nodeId: NodeId
}

export const NO_LOADS: LoadLog = { marks: new Map(), idlers: new Map() }

/** A node may take this long for a hundredth of its part. The slowest disks and the busiest machines need far less. */
export const LOAD_STALL_MS = 3 * 60_000
/** A download may stand still longer, until the network is back. */
export const FETCH_STALL_MS = 10 * 60_000
/** For this long, such a node gets a model only if there is no other place for it. */
const AVOID_MS = 10 * 60_000

const LOAD_STEP = 0.01
/** The part of the model's bytes that counts as a step of a download. */
const FETCH_STEP = 0.0002

/** The order in which a part comes to be ready. Its node waits for those whose parts are behind. */
const STAGES: readonly ShardStatus[] = ['waiting', 'fetching', 'connecting', 'loading', 'ready']
const FETCHING = STAGES.indexOf('fetching')
const READY = STAGES.indexOf('ready')

/** @param ownId - the leader, which knows that it does its own part @param nowMs - time of a monotonic clock */
export function trackLoads(
  state: ClusterState,
  samples: ReadonlyMap<NodeId, NodeSample>,
  before: LoadLog,
  ownId: NodeId,
  nowMs: number,
): LoadLog {
  const loading = Object.values<InstanceState>(state.instances).filter(({ status }) => status === 'loading' || status === 'recovering')
  const marks = new Map(
    loading.map((instance) => {
      const kept = before.marks.get(instance.instanceId)
      const old = kept?.epoch === instance.epoch ? kept.ranks : []
      // What falls back has not moved: only what comes further than ever before counts.
      const reached = instance.shards.map(({ status }, rank) => ({
        stage: Math.max(STAGES.indexOf(status), old[rank]?.stage ?? -1),
        progress: Math.max(progressOf(instance, rank, samples), old[rank]?.progress ?? 0),
      }))
      const last = reached.toSorted(byAdvance)[0]
      const ranks = reached.map((mark, rank): LoadMark => {
        const known = old[rank]
        const stands = known && last && byAdvance(mark, known) === 0 && byAdvance(mark, last) === 0
        return { ...mark, sinceMs: stands ? known.sinceMs : nowMs }
      })
      return [instance.instanceId, { epoch: instance.epoch, ranks }] as const
    }),
  )
  const idlers = new Map([...before.idlers].filter(([nodeId, sinceMs]) => state.nodes[nodeId] && nowMs - sinceMs < AVOID_MS))
  const log = { marks, idlers }
  for (const { nodeId } of Object.values(stalledLoads(state, log, ownId, nowMs))) idlers.set(nodeId, nowMs)
  return log
}

/** For `LeaderFacts.stalled`: the part of each instance that holds up the others. */
export function stalledLoads(state: ClusterState, { marks }: LoadLog, ownId: NodeId, nowMs: number): Record<InstanceId, StalledLoad> {
  return Object.fromEntries(
    [...marks].flatMap(([instanceId, { ranks }]) => {
      const instance = state.instances[instanceId]
      if (!instance) return []
      const late = ranks
        .map(({ stage, sinceMs }, rank) => ({ rank, stage, forMs: nowMs - sinceMs, nodeId: instance.placement.shards[rank]?.nodeId }))
        .filter(({ stage, forMs }) => stage < READY && forMs >= (stage === FETCHING ? FETCH_STALL_MS : LOAD_STALL_MS))
        .find(({ nodeId }) => nodeId !== undefined && nodeId !== ownId)
      return late?.nodeId === undefined ? [] : [[instanceId, { rank: late.rank, nodeId: late.nodeId }] as const]
    }),
  )
}

/** The state as if some nodes were not there. */
export function withoutNodes(state: ClusterState, nodes: ReadonlySet<NodeId>): ClusterState {
  const isKept = ([nodeId]: readonly [string, unknown]): boolean => !nodes.has(nodeId as NodeId)
  return {
    ...state,
    nodes: Object.fromEntries(Object.entries(state.nodes).filter(isKept)),
    links: Object.fromEntries(
      Object.entries(state.links)
        .filter(isKept)
        .map(([from, links]) => [from, links.filter(({ to }) => !nodes.has(to))]),
    ),
  }
}

const byAdvance = (a: Omit<LoadMark, 'sinceMs'>, b: Omit<LoadMark, 'sinceMs'>): number => a.stage - b.stage || a.progress - b.progress

/** In whole steps, so that nothing but real progress counts. */
function progressOf({ instanceId, card, placement }: InstanceState, rank: number, samples: ReadonlyMap<NodeId, NodeSample>): number {
  const sample = samples.get(placement.shards[rank]?.nodeId as NodeId)
  const shard = sample?.shards?.find((each) => each.instanceId === instanceId && each.rank === rank)
  const fetchedBytes = (sample?.downloads ?? [])
    .filter(({ modelId }) => modelId === card.modelId)
    .reduce((sum, { doneBytes }) => sum + doneBytes, 0)
  return Math.floor((shard?.loadedRatio ?? 0) / LOAD_STEP) + Math.floor(fetchedBytes / (card.weightBytes * FETCH_STEP))
}
