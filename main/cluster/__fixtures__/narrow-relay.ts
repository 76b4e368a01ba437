import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** Simulates a path that loses large packets: each connection carries this many bytes in each direction and then stalls. */
export async function startNarrowRelay(
  toPort: number,
  mostBytes: number,
): Promise<{
  readonly port: number
  /** From now on, nothing passes. */
  cut(): void
  close(): void
}> {
  let isCut = false
  const sockets = new Set<Socket>()
  const carry = (from: Socket, to: Socket): void => {
    sockets.add(from)
    let leftBytes = mostBytes
    from.on('error', () => to.destroy()).on('close', () => to.destroy())
    from.on('data', (chunk: Buffer) => {
      leftBytes -= chunk.length
      if (leftBytes >= 0 && !isCut) to.write(chunk)
      else from.pause()
    })
  }
  const server = createServer((near) => {
    const far = connect({ host: '127.0.0.1', port: toPort })
    carry(near, far)
    carry(far, near)
  })
  server.listen({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      isCut = true
    },
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
