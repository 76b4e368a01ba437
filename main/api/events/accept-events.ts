import type { IncomingMessage, Server } from 'node:http'
import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { ApiError, errorBody } from '../api-error.ts'
import type { GuardedRequest } from '../routes/guard-request.ts'
import { toApiError } from '../to-api-error.ts'
import type { StateFeed } from './state-feed.ts'

const MOST_CLIENTS = 128
/** Clients need not send anything. */
const MAX_PAYLOAD_BYTES = 1024
/** A client reads why it was refused within this time, or loses the connection. Nothing else ends one that keeps its half open. */
const REFUSED_MS = 2_000

/**
 * Connects WebSockets on `/events` to the feed. A browser cannot set headers on a WebSocket, so the API token is also
 * accepted as `?access_token=`.
 *
 * @param guard - throws if the request must be refused
 */
export function acceptEvents(server: Server, feed: StateFeed, guard: (request: GuardedRequest) => void): void {
  const webSockets = new WebSocketServer({ noServer: true, maxPayload: MAX_PAYLOAD_BYTES, perMessageDeflate: false })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    try {
      const { path, headers, hearsOfChats } = readTarget(request)
      guard({ method: 'GET', path, headers, address: request.socket.remoteAddress ?? '' })
      if (path !== '/events') throw new ApiError(404, 'unknown_route', '/events is the only WebSocket of this node.')
      if (feed.size >= MOST_CLIENTS)
        throw new ApiError(503, 'too_many_clients', 'Too many clients are watching this node. Close one of them.')
      webSockets.handleUpgrade(request, socket, head, (webSocket) => feed.add(webSocket, hearsOfChats))
    } catch (error) {
      AbortSignal.timeout(REFUSED_MS).addEventListener('abort', () => socket.destroy())
      refuse(socket, toApiError(error))
    }
  })
}

function readTarget(request: IncomingMessage): Pick<GuardedRequest, 'path' | 'headers'> & { readonly hearsOfChats: boolean } {
  const [path = '', query = ''] = (request.url ?? '').split('?', 2)
  const parameters = new URLSearchParams(query)
  const token = parameters.get('access_token')
  const isGivenByQuery = request.headers.authorization === undefined && token !== null
  return {
    path,
    headers: isGivenByQuery ? { ...request.headers, authorization: `Bearer ${token}` } : request.headers,
    hearsOfChats: parameters.has('chats'),
  }
}

/** The other side's bytes are read away, so that its end is seen. */
function refuse(socket: Duplex, error: ApiError): void {
  const body = JSON.stringify(errorBody(error))
  const head = [
    `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status] ?? ''}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ]
  socket.resume()
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}
