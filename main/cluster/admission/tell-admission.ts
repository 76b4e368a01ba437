import { sayableName } from '../../domain/admission/waiting-newcomers.ts'
import type { Log } from '../../platform/log/log.ts'
import type { AdmissionCause, ClusterMemberRecord } from '../../shared/wire/peer/cluster-record.ts'
import type { KnockingPeer } from './exchange-knock.ts'

/** Logs which machine was admitted, or whose cluster this machine joined, with the command that undoes it. */
export function tellAdmission(
  log: Pick<Log, 'info'>,
  what: 'let-in' | 'went-over',
  { nodeId, name, address }: KnockingPeer,
  cause: AdmissionCause,
): void {
  const told = sayableName(name)
  const about = { name: told, nodeId, address: address.host, cause }
  if (what === 'went-over') log.info('this machine was let into the cluster of another', { ...about, undo: 'exo leave' })
  else log.info('a machine was let into the cluster', { ...about, undo: `exo remove ${/^[\w.-]+$/.test(told) ? told : nodeId}` })
}

/** Logs whom another member has removed: any member can, and its name stands beside theirs. */
export function tellRemovals(
  log: Pick<Log, 'info'>,
  { nodeId, name }: Pick<KnockingPeer, 'nodeId' | 'name'>,
  before: readonly ClusterMemberRecord[],
  after: readonly ClusterMemberRecord[],
): void {
  const removed = before.filter((member) => !after.some((kept) => kept.nodeId === member.nodeId))
  if (removed.length === 0) return
  log.info('another member says that machines were removed from the cluster', {
    by: sayableName(name),
    nodeId,
    removed: removed.map((member) => member.name),
  })
}
