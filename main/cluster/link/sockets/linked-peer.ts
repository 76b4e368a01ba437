import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import type { NodeId } from '../../../shared/ids.ts'
import { provenPeerOf } from './secure-socket.ts'

/** The requesting peer, identified by its key; null if it is not linked to this node. */
export function linkedPeer(request: IncomingMessage, isLinked: (nodeId: NodeId) => boolean): NodeId | null {
  try {
    const { nodeId } = provenPeerOf(request.socket as TLSSocket)
    return isLinked(nodeId) ? nodeId : null
  } catch {
    return null
  }
}
