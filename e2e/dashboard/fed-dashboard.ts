import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import type { ClusterView } from '../../main/shared/cluster-view.ts'
import type { StateEvent } from '../../main/shared/wire/api/state-event.ts'

/** A node's dashboard whose `/events` come from the test, over a real WebSocket: Playwright's routing passes too few messages a second. */
export interface FedDashboard {
  readonly dashboardUrl: string
  /** Resolves when a page has connected. */
  readonly listened: Promise<void>
  send(event: StateEvent): void
  close(): Promise<void>
}

/** @param state - the first state that each page receives */
export async function startFedDashboard(apiUrl: string, state: ClusterView): Promise<FedDashboard> {
  const { hostname, port, host } = new URL(apiUrl)
  const server = createServer((incoming, outgoing) => {
    // The node refuses pages of other origins.
    const { origin: _origin, ...headers } = incoming.headers
    const asked = request({ hostname, port, path: incoming.url, method: incoming.method, headers: { ...headers, host } }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    asked.on('error', () => outgoing.destroy())
    incoming.pipe(asked)
  })
  const events = new WebSocketServer({ server, path: '/events' })
  const sockets = new Set<WebSocket>()
  const listened = new Promise<void>((resolve) => {
    events.on('connection', (socket) => {
      socket.on('close', () => sockets.delete(socket))
      sockets.add(socket)
      socket.send(JSON.stringify({ type: 'snapshot', state } satisfies StateEvent))
      resolve()
    })
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return {
    dashboardUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/dashboard`,
    listened,
    send: (event) => {
      for (const socket of sockets) socket.send(JSON.stringify(event))
    },
    close: async () => {
      for (const socket of sockets) socket.terminate()
      events.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
