import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'

export interface ListeningServer {
  readonly url: string
  close(): Promise<void>
}

/** Accepts connections and closes them. */
export async function startListeningServer(host = '127.0.0.1'): Promise<ListeningServer> {
  const server = createServer((socket) => socket.destroy()).listen(0, host)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    close: async () => void (await once(server.close(), 'close')),
  }
}
