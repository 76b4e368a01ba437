import type { NodeId } from '../../shared/ids.ts'
import { type ClusterMemberRecord, type ClusterRecord, MOST_MEMBERS, type SharedRecord } from '../../shared/wire/peer/cluster-record.ts'

const MOST_REMOVED = 1024

/** The record with this member. If this node has already recorded how the member was admitted, that entry is kept. */
export function withMember(record: ClusterRecord, member: ClusterMemberRecord): ClusterRecord {
  const known = record.members.find(({ nodeId }) => nodeId === member.nodeId)
  const others = record.members.filter(({ nodeId }) => nodeId !== member.nodeId)
  return {
    ...record,
    members: [...others, known && known.cause !== 'told' ? { ...known, name: member.name } : member].slice(-MOST_MEMBERS),
  }
}

/** The record without these members, under a secret that they do not know. */
export function withoutMembers(record: ClusterRecord, nodeIds: readonly NodeId[], secret: string): ClusterRecord {
  const removed = [...new Set([...record.removed, ...nodeIds])].slice(-MOST_REMOVED)
  return { ...record, secret, removed, members: record.members.filter(({ nodeId }) => !nodeIds.includes(nodeId)) }
}

/**
 * The record of a node that takes over an offered one. Machines that have been removed since then are no longer
 * members; members that only another node reports are marked as such.
 *
 * @param isForming - the members of a cluster that is only minutes old move to another one together
 */
export function adoptRecord(own: ClusterRecord, offered: SharedRecord, selfId: NodeId, nowMs: number, isForming = false): ClusterRecord {
  const isSameCluster = own.lineage === offered.lineage
  const putOut = new Set(offered.removed.filter((nodeId) => !isSameCluster || !own.removed.includes(nodeId)))
  const before = isSameCluster || isForming ? own.members : []
  const known = new Set(before.map(({ nodeId }) => nodeId))
  const told = offered.members.filter(({ nodeId }) => nodeId !== selfId && !known.has(nodeId))
  // A readmitted node is in both lists of the offered record.
  const offeredIds = new Set(offered.members.map(({ nodeId }) => nodeId))
  const members = [
    ...before.filter(({ nodeId }) => !putOut.has(nodeId) || offeredIds.has(nodeId)),
    ...told.map(({ nodeId, name }): ClusterMemberRecord => ({ nodeId, name, cause: 'told', admittedAtMs: nowMs })),
  ]
  return {
    lineage: offered.lineage,
    secret: offered.secret,
    removed: offered.removed,
    isSettled: offered.isSettled,
    members: members.slice(0, MOST_MEMBERS),
  }
}

/** The data for an admitted node. */
export function shareRecord(
  { lineage, secret, removed, members }: ClusterRecord,
  self: { readonly nodeId: NodeId; readonly name: string },
  isSettled: boolean,
): SharedRecord {
  return {
    lineage,
    secret,
    removed,
    isSettled,
    members: [self, ...members.map(({ nodeId, name }) => ({ nodeId, name }))].slice(0, MOST_MEMBERS),
  }
}
