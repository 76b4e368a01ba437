import type { TLSSocket } from 'node:tls'
import { WebSocket } from 'ws'
import { AppError } from '../../../shared/app-error.ts'
import { webSocketOptions } from './web-socket-options.ts'

/** The dialer's WebSocket over an established connection. Rejects with `signal`'s reason if that aborts first. */
export function openWebSocket(socket: TLSSocket, signal: AbortSignal, path: '/link' | '/pair' = '/link'): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const webSocket = new WebSocket(`ws://exo${path}`, {
      ...webSocketOptions,
      createConnection: () => socket,
    })
    const abort = (): void => {
      webSocket.terminate()
      reject(signal.reason)
    }
    webSocket.on('error', reject)
    webSocket.once('close', () => reject(new AppError('link-closed', 'The other side disconnected.')))
    webSocket.once('open', () => {
      signal.removeEventListener('abort', abort)
      resolve(webSocket)
    })
    signal.addEventListener('abort', abort, { once: true })
  })
}
