import type { NodeId } from '../shared/ids.ts'
import type { PeerMessage } from '../shared/wire/peer/peer-message.ts'

/** Delivers the log's messages to the other nodes, over links or through other nodes. */
export interface MessageLinks {
  send(nodeId: NodeId, message: PeerMessage): boolean
  broadcast(message: PeerMessage): void
  peers(): readonly { readonly nodeId: NodeId }[]
  /** Whether a node that is not reachable had been silent for long before its link was ended. */
  wasSilent(nodeId: NodeId): boolean
}
