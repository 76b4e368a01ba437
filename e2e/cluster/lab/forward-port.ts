import { connect, createServer, type Server, type Socket } from 'node:net'

export interface ForwardedPort {
  readonly port: number
  close(): void
}

/** Forwards a port of this machine's loopback to a socket file, which works across network namespaces. */
export async function forwardPort(socketPath: string): Promise<ForwardedPort> {
  const open = new Set<Socket>()
  const server: Server = createServer((client) => {
    const target = connect(socketPath)
    for (const [socket, other] of [
      [client, target],
      [target, client],
    ] as const) {
      open.add(socket)
      socket
        .on('error', () => other.destroy())
        .on('close', () => {
          open.delete(socket)
          other.destroy()
        })
    }
    client.pipe(target).pipe(client)
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    port: address.port,
    close: () => {
      server.close()
      for (const socket of open) socket.destroy()
    },
  }
}
