import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { expect, it } from 'vitest'
import { limitShares } from './limit-shares.ts'

it('B3: one address has a share of the connections, and gets it back', async () => {
  const server = createServer((socket) => socket.on('error', () => undefined))
  limitShares(server, { mostOfOne: 3, mostOfAll: 100 })
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

it('B3: many addresses of one host keep no newcomer out, and end no connection that is kept', async () => {
  const server = createServer((socket) => socket.on('error', () => undefined))
  const shares = limitShares(server, { mostOfOne: 3, mostOfAll: 8 })
  server.listen(0, '0.0.0.0')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const open: Socket[] = []
  const dial = async (localAddress: string): Promise<Socket> => {
    const socket = connect({ host: '127.0.0.1', port, localAddress }).on('error', () => undefined)
    open.push(socket)
    const accepted = once(server, 'connection')
    await once(socket, 'connect')
    await accepted
    return socket
  }
  const member = await dial('127.0.0.2')
  shares.keep({ remoteAddress: member.localAddress, remotePort: member.localPort })
  for (let index = 0; index < 60; index++) await dial(`127.0.0.${10 + (index % 30)}`)
  const newcomer = await dial('127.0.0.3')
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect([member.closed, newcomer.closed]).toEqual([false, false])
  expect(open.filter(({ closed }) => !closed).length).toBeLessThanOrEqual(8)
  for (const socket of open) socket.destroy()
  await new Promise((resolve) => server.close(resolve))
})
