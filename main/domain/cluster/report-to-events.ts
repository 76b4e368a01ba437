import { bareAddress } from '../../shared/addresses/bare-address.ts'
import { ownValue } from '../../shared/own-value.ts'
import type { Link } from '../../shared/topology.ts'
import type { ClusterEvent } from '../../shared/wire/peer/cluster-event.ts'
import type { NodeReport, ShardReport, StoredModelReport } from '../../shared/wire/peer/node-report.ts'
import { isSamePath } from './replication/apply-event.ts'
import { type ClusterState, isCutOff, linksOf } from './cluster-state.ts'

/** A round trip is logged again only if it changed by this factor, because it always varies. */
const ROUND_TRIP_CHANGE_RATIO = 2

/** The events that the leader logs for a node's report: its differences from the state. */
export function reportToEvents(state: ClusterState, report: NodeReport): ClusterEvent[] {
  const { nodeId } = report.node
  const known = ownValue(state.nodes, nodeId)
  const events: ClusterEvent[] = []
  if (!known) events.push({ type: 'node-joined', node: report.node })
  else if (!isEqual(known, report.node)) events.push({ type: 'node-updated', node: report.node })
  return [
    ...events,
    ...lostAddressEvents(state, report),
    ...linkEvents(state, report),
    ...shardEvents(state, report),
    ...modelEvents(state, report),
  ]
}

/** Removes links to addresses that a node has just lost, which the other nodes would notice only later. */
function lostAddressEvents(state: ClusterState, { node }: NodeReport): ClusterEvent[] {
  const { nodeId, addresses } = node
  const before = ownValue(state.nodes, nodeId)?.addresses ?? []
  const lost = new Set(before.filter((address) => !addresses.includes(address) && !isCutOff(node, address)))
  if (lost.size === 0) return []
  return linksOf(state).flatMap((link): ClusterEvent[] =>
    link.kind === 'tcp' && link.to === nodeId && lost.has(bareAddress(link.address)) ? [{ type: 'link-lost', link }] : [],
  )
}

function linkEvents(state: ClusterState, { node, links }: NodeReport): ClusterEvent[] {
  // An RDMA link needs the reports of two nodes, so the leader finds it (`rdmaLinkEvents`).
  const known = (ownValue(state.links, node.nodeId) ?? []).filter(({ kind }) => kind === 'tcp')
  const lost = known.filter((link) => !links.some((reported) => isSamePath(reported, link)))
  const changed = links.filter((link) => {
    const before = known.find((candidate) => isSamePath(candidate, link))
    return link.kind === 'tcp' && link.from === node.nodeId && (!before || hasChanged(before, link))
  })
  return [
    ...lost.map((link): ClusterEvent => ({ type: 'link-lost', link })),
    ...changed.map((link): ClusterEvent => ({ type: 'link-observed', link })),
  ]
}

function hasChanged(before: Link, after: Link): boolean {
  if (
    before.kind === 'tcp' &&
    after.kind === 'tcp' &&
    (before.medium !== after.medium || before.throughputBytesPerSecond !== after.throughputBytesPerSecond)
  )
    return true
  if (before.roundTripMs === null || after.roundTripMs === null) return before.roundTripMs !== after.roundTripMs
  const [low, high] = [Math.min(before.roundTripMs, after.roundTripMs), Math.max(before.roundTripMs, after.roundTripMs)]
  return high > Math.max(low * ROUND_TRIP_CHANGE_RATIO, low + 1)
}

function shardEvents(state: ClusterState, { node, shards }: NodeReport): ClusterEvent[] {
  return shards.filter((shard) => isNews(state, node.nodeId, shard)).map((shard) => ({ type: 'shard-status', ...shard }))
}

function isNews(state: ClusterState, nodeId: string, shard: ShardReport): boolean {
  const instance = ownValue(state.instances, shard.instanceId)
  if (!instance || instance.epoch !== shard.epoch || instance.placement.shards[shard.rank]?.nodeId !== nodeId) return false
  const { status, port, residentBytes, code, message } = shard
  return !isEqual(instance.shards[shard.rank], { status, port, residentBytes, code, message })
}

function modelEvents(state: ClusterState, { node, storedModels }: NodeReport): ClusterEvent[] {
  const known = ownValue(state.storedModels, node.nodeId) ?? {}
  const removed = Object.keys(known).filter((modelId) => !storedModels.some((model) => model.modelId === modelId))
  const changed = storedModels.filter(
    ({ modelId, status, totalBytes, message }: StoredModelReport) => !isEqual(ownValue(known, modelId), { status, totalBytes, message }),
  )
  return [
    ...removed.map(
      (modelId): ClusterEvent => ({ type: 'model-removed', nodeId: node.nodeId, modelId: modelId as StoredModelReport['modelId'] }),
    ),
    ...changed.map((model): ClusterEvent => ({ type: 'model-stored', nodeId: node.nodeId, ...model })),
  ]
}

/** Deep equality of plain data, regardless of the order of keys. */
function isEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null || Array.isArray(a) !== Array.isArray(b)) return false
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>]
  const keys = Object.keys(left)
  return keys.length === Object.keys(right).length && keys.every((key) => key in right && isEqual(left[key], right[key]))
}
