import { z } from 'zod'
import { ClusterView } from '../../cluster-view.ts'
import { PatchOperation } from '../../formats/json-patch.ts'
import { Membership } from './membership.ts'

/** Messages of the WebSocket `/events`: first the whole state, then its changes. */
export const StateEvent = z.discriminatedUnion('type', [
  /** Also sent to a client that could not keep up. */
  z.strictObject({ type: z.literal('snapshot'), state: ClusterView }),
  z.strictObject({ type: z.literal('patch'), operations: z.array(PatchOperation).min(1) }),
  /** Sent after each snapshot, and on every change. */
  z.strictObject({ type: z.literal('membership'), membership: Membership }),
  /** Sent after each snapshot, and when a chat changes, to clients that connect with `?chats`. */
  z.strictObject({ type: z.literal('chats'), revision: z.number() }),
])
export type StateEvent = z.infer<typeof StateEvent>
