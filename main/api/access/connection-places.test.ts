import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { startTestApi, type TestApi } from '../__fixtures__/start-test-api.ts'
import { scriptedAnswer } from '../__fixtures__/held-answer.ts'
import { sayWords } from '../__fixtures__/scripted-inference.ts'
import { placesFor } from './connection-places.ts'

const PLACES = 4

describe('D1: the places of connections', () => {
  let api: TestApi
  const sockets: Socket[] = []
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy()
    await api?.close()
  })

  const open = async (): Promise<Socket> => {
    const { hostname, port } = new URL(api.url)
    const socket = connect(Number(port), hostname)
    socket.on('error', () => undefined)
    sockets.push(socket)
    await once(socket, 'connect')
    return socket
  }
  const ask = async (path: string): Promise<{ socket: Socket; head: string }> => {
    const socket = await open()
    socket.write(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`)
    const [chunk] = (await Promise.race([once(socket, 'data'), once(socket, 'close')])) as [unknown]
    return { socket, head: String(chunk) }
  }

  it('are not held by connections that ask for nothing: the one that was idle for longest makes room', async () => {
    api = await startTestApi(sayWords(['fine']), { mostConnections: () => PLACES })
    const idle = await Promise.all(Array.from({ length: 40 }, open))
    for (let asked = 0; asked < 10; asked += 1) expect((await ask('/healthz')).head).toContain('200 OK')
    await expect.poll(() => idle.filter((socket) => socket.destroyed).length).toBe(40)
  })

  it('are kept by connections in use; the node still says that it is well, and refuses others with the reason', async () => {
    const answer = scriptedAnswer()
    api = await startTestApi(answer.script, { mostConnections: () => PLACES })
    const body = JSON.stringify({ model: 'tiny', messages: [{ role: 'user', content: 'hello' }] })
    const busy = await Promise.all(Array.from({ length: PLACES }, open))
    const head = 'POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json'
    for (const socket of busy) socket.write(`${head}\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
    await answer.begun(PLACES)
    const refused = (await ask('/v1/models')).head
    expect(refused).toContain('503 Service Unavailable')
    expect(refused).toContain('too_many_connections')
    expect(refused.toLowerCase()).toContain('connection: close')
    expect((await ask('/healthz')).head).toContain('200 OK')
    expect(busy.every((socket) => !socket.destroyed)).toBe(true)
    const answers = busy.map(async (socket) => String(((await once(socket, 'data')) as [Buffer])[0]))
    answer.end()
    expect((await Promise.all(answers)).every((text) => text.includes('200 OK'))).toBe(true)
  })

  it('are half of what the process may open, and at least a few', () => {
    expect([0, 20, 1_000, Number.POSITIVE_INFINITY].map(placesFor)).toEqual([4, 10, 500, 4_096])
  })
})
