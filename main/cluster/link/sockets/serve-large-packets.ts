import type { IncomingMessage, ServerResponse } from 'node:http'
import type { NodeId } from '../../../shared/ids.ts'
import { LARGE_PACKETS_BYTES } from './large-packet-limits.ts'
import { linkedPeer } from './linked-peer.ts'

const PADDING = Buffer.alloc(LARGE_PACKETS_BYTES)

/** Reads the data of a linked node and answers with the same amount: the exchange completes only if large packets pass both ways. */
export function serveLargePackets(isLinked: (nodeId: NodeId) => boolean): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    if (linkedPeer(request, isLinked) === null) return void response.writeHead(403, { connection: 'close' }).end()
    let receivedBytes = 0
    request.on('error', () => response.destroy())
    request.on('data', (chunk: Buffer) => {
      receivedBytes += chunk.length
      if (receivedBytes > LARGE_PACKETS_BYTES) request.destroy()
    })
    request.on('end', () => response.writeHead(200, { connection: 'close', 'content-type': 'application/octet-stream' }).end(PADDING))
  }
}
