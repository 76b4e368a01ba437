import { createServer, type AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { refusesConnections } from './refuses-connections.ts'

describe('refusesConnections', () => {
  it.each(['127.0.0.1', '::1'])('tells whether somebody listens on %s', async (host) => {
    const server = createServer((socket) => socket.destroy())
    await new Promise<void>((resolve) => server.listen(0, host, resolve))
    const { port } = server.address() as AddressInfo
    const url = new URL(`http://${host.includes(':') ? `[${host}]` : host}:${port}`)
    expect(await refusesConnections(url)).toBe(false)
    await new Promise((resolve) => server.close(resolve))
    expect(await refusesConnections(url)).toBe(true)
  })

  it('takes an address that it cannot reach for none that refuses', async () => {
    expect(await refusesConnections(new URL('http://nobody.invalid:8080'))).toBe(false)
  })
})
