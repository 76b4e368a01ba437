import type { NodeId } from '../../../shared/ids.ts'
import { ownValue } from '../../../shared/own-value.ts'
import type { Link } from '../../../shared/topology.ts'
import type { ClusterEvent } from '../../../shared/wire/peer/cluster-event.ts'
import type { ClusterState, InstanceState, ShardState } from '../cluster-state.ts'

/** The number of deleted instances that are remembered. */
export const DELETED_INSTANCES_LIMIT = 256

const WAITING: ShardState = { status: 'waiting', port: null, residentBytes: 0, code: null, message: null }

type InstanceEvent = Extract<ClusterEvent, { instanceId: unknown; epoch: number }>

/**
 * The fold that every node runs. An event that does not fit the state (an unknown instance, another epoch) or contains
 * nothing new returns the given state.
 */
export function applyEvent(state: ClusterState, event: ClusterEvent): ClusterState {
  switch (event.type) {
    case 'node-joined':
    case 'node-updated':
      if (isSame(ownValue(state.nodes, event.node.nodeId), event.node)) return state
      return { ...state, nodes: { ...state.nodes, [event.node.nodeId]: event.node } }
    case 'node-left':
      return withoutNode(state, event.nodeId)
    case 'link-observed':
      return withLinks(state, event.link, (links) =>
        links.some((other) => isSamePath(other, event.link))
          ? links.map((other) => (isSamePath(other, event.link) ? event.link : other))
          : [...links, event.link],
      )
    case 'link-lost':
      return withLinks(state, event.link, (links) => links.filter((other) => !isSamePath(other, event.link)))
    case 'instance-created': {
      const { instanceId, epoch, card, request, placement, pinned } = event
      if (ownValue(state.instances, instanceId)) return state
      const shards = placement.shards.map(() => WAITING)
      return withInstance(state, {
        instanceId,
        card,
        request,
        epoch,
        lastEpoch: epoch,
        placement,
        pinned,
        attempt: 0,
        status: 'loading',
        reasons: [],
        shards,
      })
    }
    case 'instance-adopted': {
      const { type: _, ...adopted } = event
      const known = ownValue(state.instances, adopted.instanceId)
      return withInstance(state, { ...adopted, lastEpoch: Math.max(adopted.lastEpoch, known?.lastEpoch ?? 0) })
    }
    case 'instance-replaced': {
      const known = ownValue(state.instances, event.instanceId)
      if (!known || known.lastEpoch >= event.epoch) return state
      const { epoch, placement, attempt, reasons } = event
      return withInstance(state, {
        ...known,
        epoch,
        lastEpoch: epoch,
        placement,
        attempt,
        reasons,
        status: 'recovering',
        shards: placement.shards.map(() => WAITING),
      })
    }
    case 'instance-status':
      return updateInstance(state, event, (known) => ({
        ...known,
        status: event.status,
        reasons: event.reasons,
        attempt: event.status === 'ready' ? 0 : known.attempt,
      }))
    case 'shard-status':
      return updateInstance(state, event, (known) => {
        const { status, port, residentBytes, code, message } = event
        return {
          ...known,
          shards: known.shards.map((shard, rank) => (rank === event.rank ? { status, port, residentBytes, code, message } : shard)),
        }
      })
    case 'instance-deleted': {
      if (!ownValue(state.instances, event.instanceId)) return state
      const { [event.instanceId]: _deleted, ...instances } = state.instances
      return { ...state, instances, deletedInstances: [...state.deletedInstances, event.instanceId].slice(-DELETED_INSTANCES_LIMIT) }
    }
    case 'model-stored': {
      const { nodeId, modelId, status, totalBytes, message } = event
      const stored = { status, totalBytes, message }
      const before = ownValue(state.storedModels, nodeId)
      if (isSame(ownValue(before, modelId), stored)) return state
      const models = { ...before, [modelId]: stored }
      return { ...state, storedModels: { ...state.storedModels, [nodeId]: models } }
    }
    case 'model-removed': {
      const before = ownValue(state.storedModels, event.nodeId)
      if (!before || !ownValue(before, event.modelId)) return state
      const { [event.modelId]: _removed, ...models } = before
      return { ...state, storedModels: { ...state.storedModels, [event.nodeId]: models } }
    }
    default:
      return event satisfies never
  }
}

/** Facts are plain JSON, and a repeated fact has the same key order. */
function isSame(known: unknown, told: unknown): boolean {
  return JSON.stringify(known) === JSON.stringify(told)
}

/** Whether two links are the same path, measured at different times. */
export function isSamePath(a: Link, b: Link): boolean {
  if (a.from !== b.from || a.to !== b.to) return false
  return a.kind === 'tcp' ? b.kind === 'tcp' && a.address === b.address : b.kind === 'rdma' && a.device === b.device
}

function withLinks(state: ClusterState, link: Link, change: (links: readonly Link[]) => readonly Link[]): ClusterState {
  const before = ownValue(state.links, link.from) ?? []
  const after = change(before)
  return isSame(before, after) ? state : { ...state, links: { ...state.links, [link.from]: after } }
}

function withInstance(state: ClusterState, instance: InstanceState): ClusterState {
  if (isSame(ownValue(state.instances, instance.instanceId), instance)) return state
  return { ...state, instances: { ...state.instances, [instance.instanceId]: instance } }
}

/** Late reports from a worker of an older epoch must not affect its successor. */
function updateInstance(state: ClusterState, event: InstanceEvent, change: (known: InstanceState) => InstanceState): ClusterState {
  const known = ownValue(state.instances, event.instanceId)
  return known && known.epoch === event.epoch ? withInstance(state, change(known)) : state
}

/** Its instances remain: the leader decides about them. */
function withoutNode(state: ClusterState, nodeId: NodeId): ClusterState {
  if (!ownValue(state.nodes, nodeId)) return state
  const { [nodeId]: _left, ...nodes } = state.nodes
  const { [nodeId]: _models, ...storedModels } = state.storedModels
  const links = Object.fromEntries(
    Object.entries(state.links)
      .filter(([from]) => from !== nodeId)
      .map(([from, outgoing]) => [from, outgoing.filter((link) => link.to !== nodeId)]),
  ) as ClusterState['links']
  return { ...state, nodes, storedModels, links }
}
