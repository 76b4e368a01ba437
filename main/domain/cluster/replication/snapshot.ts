import { z } from 'zod'
import { parseSaid } from '../../../shared/wire/peer/parse-tolerantly.ts'
import { LogPosition } from '../../../shared/wire/peer/cluster-event.ts'
import { type ClusterState, ClusterStateSchema } from '../cluster-state.ts'

/** The state after the event at `position`, which a joining node gets instead of all events. */
export const Snapshot = z.strictObject({ position: LogPosition, state: ClusterStateSchema })
export type Snapshot = z.infer<typeof Snapshot>

export function snapshotOf(state: ClusterState, position: LogPosition): Snapshot {
  return { position, state: state as Snapshot['state'] }
}

/** @throws ZodError if the peer sent anything other than a snapshot */
export function restoreSnapshot(received: unknown): Snapshot {
  return parseSaid(Snapshot, received)
}
