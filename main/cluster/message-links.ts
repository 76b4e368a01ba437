import type { NodeId } from '../shared/ids.ts'
import type { PeerMessage } from '../shared/wire/peer/peer-message.ts'

/** How the log reaches the other nodes, linked or over others. */
export interface MessageLinks {
  send(nodeId: NodeId, message: PeerMessage): boolean
  broadcast(message: PeerMessage): void
  peers(): readonly { readonly nodeId: NodeId }[]
  /** Whether a node that cannot be reached had been silent for long before its link was given up. */
  wasSilent(nodeId: NodeId): boolean
}
