import { createServer } from 'node:net'
import type { Placement } from '../shared/placement.ts'

/** A port of this machine that nobody uses at this moment; null where a shard is alone and needs none. */
export async function reserveGroupPort(placement: Placement): Promise<number | null> {
  if (placement.backend === 'local') return null
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen({ port: 0, host: '0.0.0.0' }, () => {
      const address = server.address()
      server.close(() => (typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no port'))))
    })
  })
}
