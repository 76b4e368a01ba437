import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { NodeId } from '../../../shared/ids.ts'
import { linkedPeer } from './linked-peer.ts'
import { THROUGHPUT_BYTES } from './throughput-limits.ts'

const CHUNK = Buffer.alloc(256 * 1024)
/** A slower reader has measured enough and no longer reads. */
const LONGEST_MS = 5_000

/** Sends zeros to linked nodes, one measurement per node at a time, until they disconnect or a limit is reached. */
export function serveThroughput(isLinked: (nodeId: NodeId) => boolean): (request: IncomingMessage, response: ServerResponse) => void {
  const served = new Set<NodeId>()
  return (request, response) => {
    const nodeId = linkedPeer(request, isLinked)
    if (nodeId === null || served.has(nodeId)) return void response.writeHead(nodeId === null ? 403 : 429, { connection: 'close' }).end()
    served.add(nodeId)
    response.writeHead(200, { connection: 'close', 'content-type': 'application/octet-stream' })
    // Most measurements end when the other side disconnects.
    pipeline(Readable.from(zeros()), response, { signal: AbortSignal.timeout(LONGEST_MS) })
      .catch(() => response.destroy())
      .finally(() => served.delete(nodeId))
  }
}

function* zeros(): Generator<Buffer> {
  for (let sentBytes = 0; sentBytes < THROUGHPUT_BYTES; sentBytes += CHUNK.length) yield CHUNK
}
