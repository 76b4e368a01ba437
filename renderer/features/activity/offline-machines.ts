import type { LoggedActivity } from '../../../main/shared/activity/activity.ts'

export interface OfflineMachine {
  readonly nodeId: string
  readonly name: string
  readonly sinceMs: number
}

/** Longer ago, a machine is no longer missed. */
const SHOWN_MS = 24 * 3_600_000

/** The machines that left and have not come back since. @param log - the newest first */
export function offlineMachines(log: readonly LoggedActivity[], present: readonly string[], nowMs: number): OfflineMachine[] {
  const lastSeen = new Map<string, LoggedActivity>()
  for (const entry of log) {
    if (entry.kind === 'cluster-changed') break
    if (entry.nodeId !== null && !lastSeen.has(entry.nodeId)) lastSeen.set(entry.nodeId, entry)
  }
  return [...lastSeen].flatMap(([nodeId, { kind, subject, atMs }]) =>
    kind === 'machine-left' && !present.includes(nodeId) && nowMs - atMs < SHOWN_MS ? { nodeId, name: subject, sinceMs: atMs } : [],
  )
}
