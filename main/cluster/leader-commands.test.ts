import { beforeEach, describe, expect, it } from 'vitest'
import { PlacementError } from '../domain/placement/placement-error.ts'
import { AppError } from '../shared/app-error.ts'
import { InstanceId, NodeId } from '../shared/ids.ts'
import type { LeaderCommand } from '../shared/wire/peer/leader-command.ts'
import type { ClusterService, Leader } from './cluster-service.ts'
import { createLeaderCommands, type LeaderCommandsDependencies } from './leader-commands.ts'
import type { LinkStream } from './link/streams/link-stream.ts'

const COMMAND: LeaderCommand = {
  type: 'delete-instance',
  instanceId: InstanceId.parse('instance-000000000000000000000001'),
  reason: 'enough',
}
const EVENT = { type: 'instance-deleted' as const, instanceId: InstanceId.parse('instance-000000000000000000000001'), reason: 'enough' }
const node = (name: string): NodeId => NodeId.parse(name)
const signal = new AbortController().signal

/** Both ends of a request over a link. */
function answeringStream(header: unknown, serve: (stream: LinkStream) => Promise<void>): LinkStream {
  const answer = new Promise<Uint8Array>((resolve, reject) => {
    const far = { header, nodeId: node('b'), signal, send: (chunk: Uint8Array) => Promise.resolve(resolve(chunk)) } as LinkStream
    serve(far).catch(reject)
  })
  return { end: () => Promise.resolve(), receive: () => answer, cancel: () => undefined } as unknown as LinkStream
}

describe('commands to the leader', () => {
  let nowMs: number
  let leader: Leader | null
  let leads: Set<string>
  let appended: [string, Parameters<ClusterService['append']>[0]][]
  let onSleep: () => void
  let decide: LeaderCommandsDependencies['decide']
  let isForming: boolean
  let isLate: boolean
  let logged: unknown[]
  let serveOf: Map<string, (stream: LinkStream) => Promise<void>>
  let command: ReturnType<typeof createLeaderCommands>

  const member = (name: string): ReturnType<typeof createLeaderCommands> =>
    createLeaderCommands({
      nodeId: node(name),
      service: {
        leader: () => leader,
        isLeader: () => leads.has(name),
        append: (events) => void appended.push([name, events]),
        state: () => ({ nodes: { a: { name: 'studio-a' }, b: { name: 'studio-b' } } }) as never,
      },
      links: {
        openStream: (to, _, header) => {
          const serve = serveOf.get(to)
          if (!serve) throw new AppError('no-link', 'There is none.')
          return answeringStream(header, serve)
        },
        handleStream: (_, serve) => void serveOf.set(name, serve),
      },
      clock: {
        now: () => nowMs,
        sleep: (ms) => {
          // The limit of an answer, which all but a silent leader keep.
          if (ms > 1_000 && !isLate) return new Promise(() => undefined)
          nowMs += ms
          onSleep()
          return Promise.resolve()
        },
      },
      log: { info: (...line) => void logged.push(line) },
      decide: (given) => decide(given),
      isForming: () => isForming,
    })

  beforeEach(() => {
    nowMs = 0
    leader = { nodeId: node('a'), term: 1 }
    leads = new Set(['a'])
    appended = []
    onSleep = () => undefined
    isForming = false
    isLate = false
    logged = []
    decide = () => ({ answer: { instanceId: InstanceId.parse('instance-000000000000000000000001') }, events: [EVENT] })
    serveOf = new Map()
    command = member('b')
  })

  it('are carried out here while this node leads', async () => {
    expect(await member('a')(COMMAND, signal)).toEqual({ instanceId: 'instance-000000000000000000000001' })
    expect(appended).toEqual([['a', [EVENT]]])
  })

  it('go to the node that leads', async () => {
    member('a')
    expect(await command(COMMAND, signal)).toEqual({ instanceId: 'instance-000000000000000000000001' })
    expect(appended).toEqual([['a', [EVENT]]])
  })

  it('are logged by the leader with the member that sent them', async () => {
    member('a')
    await command(COMMAND, signal)
    expect(logged).toEqual([[expect.any(String), { member: 'b', name: 'studio-b', ...COMMAND }]])
  })

  it.each([
    [{ pinned: false }, 5 * 60_000, 6 * 60_000],
    [{ pinned: true }, 5_000, 60_000],
  ])('A2: end with the name of a leader that never answers (%j)', async ({ pinned }, leastMs, mostMs) => {
    serveOf.set('a', () => new Promise(() => undefined))
    isLate = true
    const place = { type: 'place-instance', card: {}, pinned, reuse: true } as unknown as LeaderCommand
    await expect(command(place, signal)).rejects.toMatchObject({ code: 'leader-silent', message: expect.stringContaining('studio-a') })
    expect(nowMs).toBeGreaterThan(leastMs)
    expect(nowMs).toBeLessThan(mostMs)
  })

  it('end with a leader that withdraws again and again after long waits', async () => {
    serveOf.set('a', () => {
      nowMs += 12_000
      return Promise.reject(new AppError('no-leader', 'Not I.'))
    })
    await expect(command(COMMAND, signal)).rejects.toMatchObject({ code: 'leader-silent' })
    expect(nowMs).toBeLessThan(60_000)
  })

  it('tell what the leader says against them, at once', async () => {
    member('a')
    decide = () => {
      throw new AppError('instance-not-found', 'There is none.')
    }
    await expect(command(COMMAND, signal)).rejects.toMatchObject({ code: 'instance-not-found' })
    expect(nowMs).toBe(0)
  })

  it('wait for a leader, and for the next when one has just lost its place', async () => {
    member('a')
    const successor = member('c')
    leads = new Set(['c'])
    leader = null
    onSleep = () => {
      leader = { nodeId: node(nowMs < 500 ? 'a' : 'c'), term: nowMs }
    }
    expect(await command(COMMAND, signal)).toEqual({ instanceId: 'instance-000000000000000000000001' })
    expect(appended).toEqual([['c', [EVENT]]])
    expect(successor).toBeDefined()
  })

  it('give up in time without a leader', async () => {
    leader = null
    await expect(command(COMMAND, signal)).rejects.toMatchObject({ code: 'no-leader' })
    expect(nowMs).toBeLessThan(15_000)
  })

  it('wait for nodes that have just joined before they say that nothing fits', async () => {
    member('a')
    isForming = true
    const placed = decide
    decide = () => {
      throw new PlacementError('not-enough-memory', 'Too little.', {})
    }
    onSleep = () => {
      if (nowMs >= 700) decide = placed
    }
    expect(await command(COMMAND, signal)).toEqual({ instanceId: 'instance-000000000000000000000001' })
    expect(nowMs).toBe(700)
  })

  it('say so after a while all the same', async () => {
    member('a')
    isForming = true
    decide = () => {
      throw new PlacementError('not-enough-memory', 'Too little.', {})
    }
    await expect(command(COMMAND, signal)).rejects.toMatchObject({ code: 'not-enough-memory' })
    expect(nowMs).toBeLessThan(5_000)
  })

  it.each([
    [false, 4 * 60_000, 6 * 60_000],
    [true, 4_900, 6_000],
  ])('wait for room: who places a model a little, a request its turn (pinned: %s)', async (pinned, leastMs, mostMs) => {
    member('a')
    decide = () => {
      throw new PlacementError('not-enough-memory', 'Too little.', { mayPass: true })
    }
    const place = { type: 'place-instance', card: {}, pinned, reuse: true } as unknown as LeaderCommand
    await expect(member('a')(place, signal)).rejects.toMatchObject({ code: 'not-enough-memory' })
    expect(nowMs).toBeGreaterThan(leastMs)
    expect(nowMs).toBeLessThan(mostMs)
  })
})
