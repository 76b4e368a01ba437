import { AppError } from '../../shared/app-error.ts'
import type { InstanceId, NodeId } from '../../shared/ids.ts'
import type { Placement } from '../../shared/placement.ts'
import type { ClusterEvent } from '../../shared/wire/peer/cluster-event.ts'
import { type ClusterState, type InstanceState, linksOf } from '../cluster/cluster-state.ts'
import { fallBackToTcp } from '../launch/fall-back-to-tcp.ts'
import { clusterTopology } from '../placement/cluster-topology.ts'
import { placeTightly } from '../placement/place-tightly.ts'
import { placeForGoal } from '../speed/place-for-goal.ts'
import { PlacementError } from '../placement/placement-error.ts'
import { goneAddress, lacksAddress } from './paths/gone-address.ts'
import { retryDelayMs } from './retry-delay.ts'
import { type StalledLoad, withoutNodes } from './track-loads.ts'
import { type SuspectPaths, withoutSuspects } from './paths/track-suspect-paths.ts'

/** Placements in a row that did not become ready, after which an instance is given up. */
export const MAX_ATTEMPTS = 5

/** For this long, a placement that fails for lack of an address does not count as an attempt, because the network has just changed. */
const ADDRESSES_SETTLE_MS = 30_000

/** Healthy machines form a group within a few seconds. On a network that loses packets, ranks may look for each other for half a minute. */
const LOSSY_JOIN_MS = 8_000

/** Maximum number of reasons kept per instance; the latest are kept. */
const REASONS_LIMIT = 16

/** Failures that recur wherever the model is placed. */
const LASTING_CODES: ReadonlySet<string> = new Set([
  'model-not-found',
  'model-damaged',
  'model-unsupported',
  'native-addon-missing',
  'strategy-impossible',
  'disk-full',
  'hub-gated',
  'hub-token-refused',
  'hub-offline',
  'hub-refused',
  'hub-model-not-found',
  'hub-revision-not-found',
  'hub-file-not-found',
  'download-damaged',
  'download-cancelled',
])

export interface LeaderFacts {
  readonly availableBytes: Readonly<Record<NodeId, number>>
  /** Nodes whose link to the leader is broken but that have not left yet. */
  readonly unlinked: ReadonlySet<NodeId>
  /** How long the shards of each instance have been failed, from `trackFailures`; instances without an entry are retried at once. */
  readonly failedForMs?: Readonly<Record<InstanceId, number>>
  /** How long each instance has been unable to answer, from `trackTrouble`; absent if this has just begun. */
  readonly troubledForMs?: Readonly<Record<InstanceId, number>>
  /** Idle instances that wait for a node to return, from `trackAway`. */
  readonly awaiting?: ReadonlySet<InstanceId>
  /** Paths that are used only if there are no others. */
  readonly suspects?: SuspectPaths
  /** Parts of models that their nodes do not load, from `trackLoads`. */
  readonly stalled?: Readonly<Record<InstanceId, StalledLoad>>
  /** Nodes that are used only if there are no others. */
  readonly avoided?: ReadonlySet<NodeId>
  /** Nodes whose network loses packets, used only if there are too few others. */
  readonly lossy?: ReadonlySet<NodeId>
  /** Idle instances to be moved to a better path, as found by `trackBetterPaths`. */
  readonly better?: Readonly<Record<InstanceId, Placement>>
}

/**
 * The leader's rules for existing instances, in the order in which they are tried: a node left, all shards are ready,
 * an address is gone, a shard failed, a node does not load its part, a network loses packets, a shard started over, room for
 * an instance that had none, a better placement for an idle one.
 */
export function manageInstances(state: ClusterState, facts: LeaderFacts): ClusterEvent[] {
  return Object.values<InstanceState>(state.instances).flatMap(
    (instance) =>
      whenNodeLeft(state, instance, facts) ??
      whenAllReady(instance) ??
      whenAddressGone(state, instance, facts) ??
      whenShardFailed(state, instance, facts) ??
      whenLoadStalled(state, instance, facts) ??
      whenNetworkIsLossy(state, instance, facts) ??
      whenShardStartedOver(state, instance, facts) ??
      whenRoomIsBack(state, instance, facts) ??
      whenPathIsBetter(instance, facts) ??
      [],
  )
}

function whenAllReady(instance: InstanceState): ClusterEvent[] | null {
  const { instanceId, epoch, status, reasons } = instance
  const areReady = instance.shards.every((shard) => shard.status === 'ready')
  return areReady && (status === 'loading' || status === 'recovering')
    ? [{ type: 'instance-status', instanceId, epoch, status: 'ready', reasons }]
    : null
}

function whenNodeLeft(state: ClusterState, instance: InstanceState, facts: LeaderFacts): ClusterEvent[] | null {
  if (instance.status === 'failed') return null
  const left = instance.placement.shards.filter(({ nodeId }) => !state.nodes[nodeId])
  if (left.length === 0) return null
  if (facts.awaiting?.has(instance.instanceId)) return []
  return placeAgain(state, instance, facts, left.length === 1 ? 'a machine left the cluster' : `${left.length} machines left the cluster`)
}

/** The ring is dead, but its idle workers have not noticed; the next request would have to wait until they do. */
function whenAddressGone(state: ClusterState, instance: InstanceState, facts: LeaderFacts): ClusterEvent[] | null {
  if (instance.status === 'failed' || isUnlinked(instance, facts)) return null
  const gone = goneAddress(state, instance)
  if (!gone) return null
  const placement = findPlacement(state, instance, facts)
  if (placement instanceof AppError) return isSettling(instance, facts) ? [] : null
  return [replaced(instance, placement, `rank ${gone.rank} no longer has the address ${gone.address}`, instance.attempt)]
}

function whenShardFailed(state: ClusterState, instance: InstanceState, facts: LeaderFacts): ClusterEvent[] | null {
  const { instanceId, epoch, placement, status } = instance
  const failed = instance.shards.findIndex((shard) => shard.status === 'failed')
  if (status === 'failed' || failed < 0) return null
  // A group fails together with the node that left: wait until it is known which one that is.
  if (isUnlinked(instance, facts)) return []
  const { code, message } = instance.shards[failed] ?? {}
  const reason = `rank ${failed}: ${message ?? code ?? 'failed'}`
  if (isLasting(instance)) return [{ type: 'instance-status', instanceId, epoch, status: 'failed', reasons: [...instance.reasons, reason] }]
  const isBehind = lacksAddress(instance) && isSettling(instance, facts)
  if ((facts.failedForMs?.[instanceId] ?? Infinity) < retryDelayMs(isBehind ? Math.max(1, instance.attempt) : instance.attempt)) return []
  if (isBehind) {
    const again = findPlacement(state, instance, facts)
    return again instanceof AppError ? [] : [replaced(instance, again, reason, instance.attempt)]
  }
  const overTcp = placement.backend === 'jaccl' && status !== 'ready' ? fallBackToTcp(placement, linksOf(state), reason) : null
  return overTcp ? [replaced(instance, overTcp, reason)] : placeAgain(state, instance, facts, reason)
}

function whenLoadStalled(state: ClusterState, instance: InstanceState, facts: LeaderFacts): ClusterEvent[] | null {
  const stalled = facts.stalled?.[instance.instanceId]
  if (!stalled || instance.status === 'failed' || instance.status === 'ready') return null
  const name = state.nodes[stalled.nodeId]?.name ?? stalled.nodeId
  return placeAgain(state, instance, facts, `${name} did not load its part of the model: it made no progress for minutes.`)
}

/** An instance that recovers, and for which a request may wait, leaves a machine whose network delays it; a first load goes on. */
function whenNetworkIsLossy(state: ClusterState, instance: InstanceState, facts: LeaderFacts): ClusterEvent[] | null {
  const { instanceId, status, placement, attempt } = instance
  const lossyOf = ({ shards }: Placement): NodeId[] => shards.map(({ nodeId }) => nodeId).filter((nodeId) => facts.lossy?.has(nodeId))
  const [lossy] = lossyOf(placement)
  if (status !== 'recovering' || lossy === undefined || placement.shards.length < 2 || attempt >= MAX_ATTEMPTS) return null
  if ((facts.troubledForMs?.[instanceId] ?? 0) < LOSSY_JOIN_MS) return null
  const again = findPlacement(state, instance, facts)
  if (again instanceof AppError || lossyOf(again).length > 0) return null
  return [replaced(instance, again, `the network of ${state.nodes[lossy]?.name ?? lossy} loses packets`)]
}

/** A single rank cannot rejoin a group, so if one lost its worker unnoticed, the others are restarted too. */
function whenShardStartedOver(state: ClusterState, instance: InstanceState, facts: LeaderFacts): ClusterEvent[] | null {
  if (instance.status !== 'ready' || isUnlinked(instance, facts)) return null
  // `stopped` means that the node is shutting down: it leaves in a moment.
  const rank = instance.shards.findIndex(({ status }) => status !== 'ready' && status !== 'stopped')
  return rank < 0 ? null : placeAgain(state, instance, facts, `rank ${rank} restarted`)
}

/** An instance that is to stay and only lacked room is placed again when a node joins. */
function whenRoomIsBack(state: ClusterState, instance: InstanceState, facts: LeaderFacts): ClusterEvent[] | null {
  if (instance.status !== 'failed' || !instance.pinned || instance.attempt >= MAX_ATTEMPTS || isLasting(instance)) return null
  const placement = findPlacement(state, instance, facts)
  return placement instanceof AppError ? null : [replaced(instance, placement, 'enough memory is free again')]
}

function whenPathIsBetter(instance: InstanceState, { better }: LeaderFacts): ClusterEvent[] | null {
  const placement = better?.[instance.instanceId]
  return placement && instance.status === 'ready' ? [replaced(instance, placement, whyBetter(instance, placement), instance.attempt)] : null
}

function whyBetter({ placement }: InstanceState, { shards }: Placement): string {
  return shards.length > placement.shards.length ? 'the requested number of nodes is available again' : 'a faster path is available'
}

function isSettling({ instanceId }: InstanceState, facts: LeaderFacts): boolean {
  return (facts.troubledForMs?.[instanceId] ?? 0) < ADDRESSES_SETTLE_MS
}

function isUnlinked(instance: InstanceState, facts: LeaderFacts): boolean {
  return instance.placement.shards.some(({ nodeId }) => facts.unlinked.has(nodeId))
}

function isLasting(instance: InstanceState): boolean {
  return instance.shards.some(({ status, code }) => status === 'failed' && code !== null && LASTING_CODES.has(code))
}

function placeAgain(state: ClusterState, instance: InstanceState, facts: LeaderFacts, reason: string): ClusterEvent[] {
  const { instanceId, epoch } = instance
  const giveUp = (why: string): ClusterEvent[] => [
    { type: 'instance-status', instanceId, epoch, status: 'failed', reasons: [...instance.reasons, reason, why].slice(-REASONS_LIMIT) },
  ]
  if (instance.attempt >= MAX_ATTEMPTS) return giveUp(`Gave up after ${MAX_ATTEMPTS} attempts.`)
  const placement = findPlacement(state, instance, facts)
  // A node that has just joined has not reported its free memory yet.
  if (placement instanceof AppError && Object.values(state.nodes).some(({ nodeId }) => facts.availableBytes[nodeId] === undefined))
    return []
  return placement instanceof AppError ? giveUp(placement.message) : [replaced(instance, placement, reason)]
}

/**
 * The first of these that has room for it: on healthy networks only, without doubtful nodes and paths, without doubtful
 * nodes, without doubtful paths, anywhere.
 */
function findPlacement(state: ClusterState, instance: InstanceState, facts: LeaderFacts): Placement | AppError {
  const { suspects, avoided, stalled, lossy } = facts
  const trusting = (nodes: ClusterState): ClusterState[] =>
    suspects && suspects.size > 0 ? [withoutSuspects(nodes, suspects), nodes] : [nodes]
  const mustAvoid = stalled?.[instance.instanceId] !== undefined
  const healthy = lossy && lossy.size > 0 ? withoutNodes(state, new Set([...lossy, ...(avoided ?? [])])) : null
  const areEnough = healthy !== null && Object.keys(healthy.nodes).length >= Math.max(1, instance.request.minNodes)
  const places = [
    ...(areEnough ? trusting(healthy) : []),
    ...(avoided && avoided.size > 0 ? trusting(withoutNodes(state, avoided)) : []),
    ...(mustAvoid ? [] : trusting(state)),
  ].map((place) => () => findPlacementIn(place, instance, facts))
  let found: Placement | AppError = new AppError('no-nodes', 'No other machine is in the cluster.')
  for (const find of places) {
    found = find()
    if (!(found instanceof AppError)) return found
  }
  return found
}

function findPlacementIn(state: ClusterState, { instanceId, card, request }: InstanceState, facts: LeaderFacts): Placement | AppError {
  const topology = clusterTopology(state, facts.availableBytes, [instanceId])
  // Fewer nodes than requested are better than none.
  const minNodes = Math.max(1, Math.min(request.minNodes, Object.keys(topology.nodes).length))
  try {
    return placeForGoal(card, topology, { ...request, minNodes })
  } catch (error) {
    if (error instanceof PlacementError) return placedTightly(error)
    throw error
  }
  function placedTightly(lacking: PlacementError): Placement | AppError {
    try {
      return placeTightly(card, topology, { ...request, minNodes }, lacking)
    } catch (error) {
      if (error instanceof AppError) return error
      throw error
    }
  }
}

function replaced(instance: InstanceState, placement: Placement, reason: string, attempt = instance.attempt + 1): ClusterEvent {
  const { instanceId, lastEpoch, reasons } = instance
  return {
    type: 'instance-replaced',
    instanceId,
    epoch: lastEpoch + 1,
    placement,
    attempt,
    reasons: [...reasons, reason].slice(-REASONS_LIMIT),
  }
}
