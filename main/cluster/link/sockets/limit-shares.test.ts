import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { expect, it } from 'vitest'
import { limitShares } from './limit-shares.ts'

it('B3: one address has a share of the connections, and gets it back', async () => {
  const server = createServer((socket) => socket.on('error', () => undefined))
  limitShares(server, 3)
  server.listen(0, '0.0.0.0')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const dial = (localAddress: string): Socket => connect({ host: '127.0.0.1', port, localAddress }).on('error', () => undefined)
  const isOpen = async (socket: Socket): Promise<boolean> => {
    await once(socket, 'connect')
    return Promise.race([once(socket, 'close').then(() => false), new Promise<boolean>((resolve) => setTimeout(() => resolve(true), 200))])
  }
  const first = Array.from({ length: 5 }, () => dial('127.0.0.1'))
  expect((await Promise.all(first.map(isOpen))).filter(Boolean)).toHaveLength(3)
  const other = dial('127.0.0.2')
  expect(await isOpen(other)).toBe(true)
  for (const socket of first) socket.destroy()
  await expect.poll(() => new Promise((resolve) => server.getConnections((_, count) => resolve(count)))).toBe(1)
  const again = dial('127.0.0.1')
  expect(await isOpen(again)).toBe(true)
  for (const socket of [other, again]) socket.destroy()
  await new Promise((resolve) => server.close(resolve))
})
