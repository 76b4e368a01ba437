import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { ClusterView } from '../../shared/cluster-view.ts'
import { applyPatch } from '../../shared/formats/json-patch.ts'
import type { Membership } from '../../shared/wire/api/membership.ts'
import { StateEvent } from '../../shared/wire/api/state-event.ts'
import { ManualClock } from '../../platform/__fixtures__/manual-clock.ts'
import { sayWords } from '../__fixtures__/scripted-inference.ts'
import type { TestApi } from '../__fixtures__/start-test-api.ts'
import { startTestApi, TEST_MEMBERSHIP, TEST_STATE } from '../__fixtures__/start-test-api.ts'

let api: TestApi
const sockets: WebSocket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate()
  await api.close()
})

/** A cluster whose state a test changes. */
function changingCluster(): { listeners: Set<() => void>; change(state: ClusterView): void; port: object } {
  let current = TEST_STATE
  const listeners = new Set<() => void>()
  return {
    listeners,
    change: (state) => {
      current = state
      for (const listener of listeners) listener()
    },
    port: {
      state: () => current,
      onState: (listener: () => void, signal: AbortSignal) => {
        listeners.add(listener)
        signal.addEventListener('abort', () => listeners.delete(listener))
      },
    },
  }
}

async function watch(
  path = '/events',
  headers: Record<string, string> = {},
): Promise<{ socket: WebSocket; events: StateEvent[]; memberships: Membership[]; state: () => unknown }> {
  const socket = new WebSocket(api.url.replace('http', 'ws') + path, { headers })
  sockets.push(socket)
  const events: Exclude<StateEvent, { type: 'membership' | 'chats' }>[] = []
  const memberships: Membership[] = []
  let state: unknown
  socket.on('message', (data: Buffer) => {
    const event = StateEvent.parse(JSON.parse(data.toString()))
    if (event.type === 'chats') return
    if (event.type === 'membership') return void memberships.push(event.membership)
    events.push(event)
    state = event.type === 'snapshot' ? event.state : applyPatch(state, event.operations)
  })
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('unexpected-response', (_request, response) => reject(new Error(`status ${response.statusCode}`)))
    socket.once('error', reject)
  })
  return { socket, events, memberships, state: () => state }
}

const withTerm = (term: number): ClusterView => ({ ...TEST_STATE, leader: { nodeId: TEST_STATE.nodeId, term } })

describe('/events', () => {
  it('gives the state, then what changes in it, gathered', async () => {
    const cluster = changingCluster()
    api = await startTestApi(sayWords([]), {}, cluster.port)
    const watcher = await watch()
    await expect.poll(watcher.state).toEqual(TEST_STATE)
    for (let term = 1; term <= 50; term += 1) cluster.change(withTerm(term))
    await expect.poll(watcher.state).toEqual(withTerm(50))
    expect(watcher.events).toEqual([
      { type: 'snapshot', state: TEST_STATE },
      { type: 'patch', operations: [{ op: 'replace', path: '/leader', value: { nodeId: 'node-a', term: 50 } }] },
    ])
    const late = await watch()
    await expect.poll(late.state).toEqual(withTerm(50))
  })

  it('tells the membership after the state, and when it changes', async () => {
    let membership = TEST_MEMBERSHIP
    api = await startTestApi(sayWords([]), {}, {}, { view: () => membership })
    const watcher = await watch()
    await expect.poll(() => watcher.memberships).toEqual([TEST_MEMBERSHIP])
    membership = { ...TEST_MEMBERSHIP, isSwitching: true }
    await expect.poll(() => watcher.memberships, { timeout: 5000 }).toEqual([TEST_MEMBERSHIP, membership])
  })

  it('finds changes that are not announced', async () => {
    let availableTerm = 0
    api = await startTestApi(sayWords([]), {}, { state: () => withTerm(availableTerm) })
    const watcher = await watch()
    await expect.poll(watcher.state).toEqual(withTerm(0))
    availableTerm = 7
    await expect.poll(watcher.state, { timeout: 5000 }).toEqual(withTerm(7))
  })

  it('listens to the cluster only while somebody watches, besides the activity', async () => {
    const cluster = changingCluster()
    api = await startTestApi(sayWords([]), {}, cluster.port)
    expect(cluster.listeners.size).toBe(1)
    const { socket } = await watch()
    expect(cluster.listeners.size).toBe(2)
    socket.close()
    await expect.poll(() => cluster.listeners.size).toBe(1)
  })

  it('gives a client that did not read one snapshot instead of all it missed', async () => {
    const cluster = changingCluster()
    const clock = new ManualClock()
    api = await startTestApi(sayWords([]), {}, cluster.port, {}, clock)
    const watcher = await watch()
    await expect.poll(watcher.state).toEqual(TEST_STATE)
    watcher.socket.pause()
    const big = (term: number): ClusterView => ({ ...withTerm(term), clusterName: String(term).repeat(2 ** 20) })
    for (let term = 1; term <= 30; term += 1) {
      cluster.change(big(term))
      await clock.advance(100)
    }
    watcher.socket.resume()
    await expect
      .poll(
        async () => {
          await clock.advance(1_000)
          return watcher.state()
        },
        { timeout: 15_000 },
      )
      .toEqual(big(30))
    expect(watcher.events.length).toBeLessThan(30)
    expect(watcher.events.filter((event) => event.type === 'snapshot')).toHaveLength(2)
  })

  it('asks for the token, by header or query, and refuses other pages', async () => {
    api = await startTestApi(sayWords([]), { apiToken: 'secret' })
    await expect(watch()).rejects.toThrow('status 401')
    await expect(watch('/events?access_token=wrong')).rejects.toThrow('status 401')
    await expect(watch('/events', { authorization: 'Bearer secret', origin: 'https://evil.example' })).rejects.toThrow('status 403')
    await expect(watch('/elsewhere?access_token=secret')).rejects.toThrow('status 404')
    const watcher = await watch('/events?access_token=secret')
    await expect.poll(() => watcher.events.length).toBe(1)
    expect(api.logged.join()).not.toContain('secret')
  })

  it.each([
    ['its path', ''],
    ['its token', 'Authorization: Bearer wrong\r\n'],
  ])(
    'D1: a client that is refused for %s keeps no connection, though it never ends its own half',
    async (_, header) => {
      api = await startTestApi(sayWords([]), header === '' ? {} : { apiToken: 'secret' })
      const path = header === '' ? '/elsewhere' : '/events'
      const ended = Array.from({ length: 8 }, async () => {
        const socket = connect({ port: Number(new URL(api.url).port), host: '127.0.0.1', allowHalfOpen: true })
        socket.on('error', () => undefined)
        socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n${header}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`)
        await new Promise<void>((resolve) => socket.once('data', () => resolve()))
        // What it writes on is not answered, and then not taken.
        const writes = setInterval(() => socket.write('more'), 50)
        await new Promise<void>((resolve) => socket.once('close', () => resolve()))
        clearInterval(writes)
      })
      await Promise.all(ended)
    },
    30_000,
  )

  it('rejects clients without a WebSocket, and survives clients that send garbage', async () => {
    api = await startTestApi(sayWords([]))
    expect((await api.get('/events')).status).toBe(426)
    const { port } = new URL(api.url)
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1', () =>
        socket.write(
          `GET /events HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n`,
        ),
      )
      socket.once('close', () => resolve())
      socket.resume()
    })
    const watcher = await watch()
    watcher.socket.send('x'.repeat(5000))
    await new Promise((resolve) => watcher.socket.once('close', resolve))
    expect((await api.get('/healthz')).status).toBe(200)
  })
})
