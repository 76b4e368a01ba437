import { createServer } from 'node:net'
import type { Placement } from '../../../shared/placement.ts'
import { isIpv6 } from '../../../shared/addresses/ring-address.ts'

/** A currently unused port of this machine; null if the shard is alone and needs none. */
export async function reserveGroupPort(placement: Placement): Promise<number | null> {
  return placement.backend === 'local' ? null : freePort(usesIpv6(placement) ? '::' : '0.0.0.0')
}

/** Loopback ports between MLX's ring and this process; null without a ring. */
export async function reserveLoopbackPorts(placement: Placement): Promise<{ listenPort: number; dialPort: number } | null> {
  if (placement.backend !== 'ring') return null
  const [listenPort, dialPort] = await Promise.all([freePort('127.0.0.1'), freePort('127.0.0.1')])
  return { listenPort, dialPort }
}

function usesIpv6({ addressMatrix }: Placement): boolean {
  return addressMatrix.flat().some((address) => address !== null && isIpv6(address))
}

function freePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    // A server closes only when its last connection does, so connections, for example of a port scanner, are destroyed.
    const server = createServer((socket) => socket.destroy())
    server.once('error', reject)
    server.listen({ port: 0, host }, () => {
      const address = server.address()
      server.close(() => (typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no port'))))
    })
  })
}
