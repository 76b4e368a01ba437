import { describe, expect, it } from 'vitest'
import { startListeningServer } from '../__fixtures__/listening-server.ts'
import { refusesConnections } from './refuses-connections.ts'

describe('refusesConnections', () => {
  it.each(['127.0.0.1', '::1'])('tells whether somebody listens on %s', async (host) => {
    const server = await startListeningServer(host)
    const url = new URL(server.url)
    expect(await refusesConnections(url)).toBe(false)
    await server.close()
    expect(await refusesConnections(url)).toBe(true)
  })

  it('takes an address that it cannot reach for none that refuses', async () => {
    expect(await refusesConnections(new URL('http://nobody.invalid:8080'))).toBe(false)
  })
})
