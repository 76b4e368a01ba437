import { sayableName } from '../../domain/admission/waiting-newcomers.ts'
import type { Log } from '../../platform/log/log.ts'
import type { AdmissionCause } from '../../shared/wire/peer/cluster-record.ts'
import type { KnockingPeer } from './exchange-knock.ts'

/** Tells the person at this machine who was let in, or into whose cluster it went, with the step that undoes it. */
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
