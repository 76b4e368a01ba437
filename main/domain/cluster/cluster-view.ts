import type { ClusterView, InstanceView, LinkView, NodeView, ShardView } from '../../shared/cluster-view.ts'
import type { DownloadView } from '../../shared/models/download.ts'
import type { MachineSensors } from '../../shared/hardware.ts'
import type { InstanceId, NodeId } from '../../shared/ids.ts'
import type { Placement } from '../../shared/placement.ts'
import type { Link } from '../../shared/topology.ts'
import type { NodeFacts } from '../../shared/wire/peer/cluster-event.ts'
import type { FirstTokenTime, ShardSample } from '../../shared/wire/peer/node-report.ts'
import { isPathSealed } from './is-path-sealed.ts'
import { type ClusterState, type InstanceState, linksOf } from './cluster-state.ts'

/** Facts that change too often for the log: each node sends its own to all others, and only the latest count. */
export interface HighRateFacts {
  readonly availableBytes: Readonly<Record<NodeId, number>>
  readonly sensors?: Readonly<Record<NodeId, MachineSensors>>
  readonly rates: Readonly<
    Record<
      InstanceId,
      {
        readonly decodeTokensPerSecond: number
        readonly prefillTokensPerSecond: number
        readonly running?: number
        readonly waiting?: number
      }
    >
  >
  readonly shards?: readonly ShardSample[]
  /** The latest value of each node for each instance. */
  readonly firstTokens?: readonly FirstTokenTime[]
  /** Progress of running downloads, as shown in `/state`. */
  readonly downloads: readonly DownloadView[]
}

export interface ViewPoint {
  readonly nodeId: NodeId
  readonly clusterName: string
  readonly leader: { readonly nodeId: NodeId; readonly term: number } | null
}

/** The cluster in the format of `GET /state`. */
export function toClusterView(state: ClusterState, viewPoint: ViewPoint, facts: HighRateFacts): ClusterView {
  const entries = <K extends string, V, R>(record: Readonly<Record<K, V>>, map: (value: V) => R): Record<K, R> =>
    Object.fromEntries(Object.entries<V>(record).map(([key, value]) => [key, map(value)])) as Record<K, R>
  return {
    nodeId: viewPoint.nodeId,
    clusterName: viewPoint.clusterName,
    leader: viewPoint.leader && { ...viewPoint.leader },
    nodes: entries(state.nodes, (node): NodeView => {
      const { name, platform, chip, model, totalBytes, addresses, apiPort, version } = node
      const isLeader = viewPoint.leader?.nodeId === node.nodeId
      return {
        name,
        platform,
        chip,
        model,
        totalBytes,
        availableBytes: facts.availableBytes[node.nodeId] ?? 0,
        ...sensorsOf(facts, node.nodeId),
        addresses,
        apiPort,
        version,
        status: isLeader ? 'leader' : 'follower',
      }
    }),
    links: linksOf(state).map((link) => toLinkView(link, state)),
    ...narrowPathsOf(state),
    instances: entries(state.instances, (instance) => toInstanceView(instance, facts)),
    downloads: [...facts.downloads],
  }
}

function sensorsOf({ sensors }: HighRateFacts, nodeId: NodeId): Pick<NodeView, 'sensors'> {
  const own = sensors?.[nodeId]
  return own === undefined ? {} : { sensors: own }
}

function narrowPathsOf({ nodes }: ClusterState): Pick<ClusterView, 'narrowPaths'> {
  const narrowPaths = Object.values<NodeFacts>(nodes).flatMap(({ nodeId: from, narrowPaths: narrow = [] }) =>
    narrow.filter(({ to }) => nodes[to]).map((path) => ({ from, ...path })),
  )
  return narrowPaths.length > 0 ? { narrowPaths } : {}
}

export function toLinkView(link: Link, state: ClusterState): LinkView {
  const { from, to, kind, roundTripMs } = link
  if (kind === 'rdma') return { from, to, kind, device: link.device, ...cableSpeed(state, from, link.device), roundTripMs }
  const { address, medium, throughputBytesPerSecond } = link
  return {
    from,
    to,
    kind,
    address,
    medium,
    sealed: isPathSealed(state, from, to, address),
    roundTripMs,
    ...(throughputBytesPerSecond === undefined ? {} : { throughputBytesPerSecond }),
  }
}

/** The better options that a placement could not use, and the reasons. */
export function stepsDown({ fallbacks }: Placement): string[] {
  return fallbacks.map(({ from, to, reason }) => `${to} instead of ${from}: ${reason}`)
}

function cableSpeed({ nodes }: ClusterState, nodeId: NodeId, device: string): Pick<LinkView, 'gigabitsPerSecond'> {
  const speed = nodes[nodeId]?.thunderboltPorts.find(({ rdmaDevice }) => rdmaDevice === device)?.gigabitsPerSecond
  return speed == null ? {} : { gigabitsPerSecond: speed }
}

function toInstanceView(instance: InstanceState, facts: HighRateFacts): InstanceView {
  const { card, placement, epoch, status } = instance
  const rates = facts.rates[instance.instanceId]
  const newest = facts.firstTokens
    ?.filter(({ instanceId }) => instanceId === instance.instanceId)
    .toSorted((a, b) => b.atEpochMs - a.atEpochMs)[0]
  return {
    modelId: card.modelId,
    strategy: placement.strategy,
    backend: placement.backend,
    epoch,
    status,
    shards: placement.shards.map(({ kvBytes: _, ...shard }): ShardView => {
      const { residentBytes = 0, status: shardStatus = 'waiting' } = instance.shards[shard.rank] ?? {}
      const sample = facts.shards?.find(({ instanceId, rank }) => instanceId === instance.instanceId && rank === shard.rank)
      const { instanceId: _of, rank: _at, moves: _moves, ...sampled } = sample ?? {}
      return { ...shard, residentBytes, ...sampled, status: shardStatus }
    }),
    rdmaMatrix: placement.rdmaMatrix,
    decodeTokensPerSecond: rates?.decodeTokensPerSecond ?? null,
    prefillTokensPerSecond: rates?.prefillTokensPerSecond ?? null,
    ...(newest === undefined ? {} : { ttftMs: newest.ttftMs }),
    ...(rates?.running === undefined ? {} : { running: rates.running }),
    ...(rates?.waiting === undefined ? {} : { waiting: rates.waiting }),
    reasons: [...instance.reasons, ...stepsDown(placement)],
  }
}
