import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { systemClock } from '../../platform/clock.ts'
import { systemRandom } from '../../platform/random.ts'
import { type NodeIdentity, openIdentity } from '../identity/open-identity.ts'
import { startNarrowRelay } from '../__fixtures__/narrow-relay.ts'
import { createTestLinks, silentLog } from '../__fixtures__/create-test-links.ts'
import { openDatagramSocket } from './datagrams/datagram-socket.ts'
import type { Links, LinksOptions } from './links.ts'

const Note = z.strictObject({ text: z.string() })
type Note = z.infer<typeof Note>

const identities: NodeIdentity[] = []
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exo-moved-links-'))
  for (const name of ['a', 'b']) identities.push(await openIdentity(join(folder, name), { log: silentLog, random: systemRandom }))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const running: Links<Note>[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((links) => links.close()))
})

interface TestNode {
  readonly links: Links<Note>
  readonly port: number
  readonly heard: string[]
}

async function startNode(index: number, overrides: Partial<LinksOptions<Note>> = {}): Promise<TestNode> {
  const listen = { host: null, port: 0 }
  const links = createTestLinks({ identity: identities[index]!, nodeName: `node ${index}`, listen, schema: Note, ...overrides })
  running.push(links)
  const heard: string[] = []
  const nameOf = (nodeId: string): number => identities.findIndex((candidate) => candidate.nodeId === nodeId)
  links.onPeer(({ nodeId }) => heard.push(`up ${nameOf(nodeId)}`))
  links.onPeerLost((nodeId, { code }) => heard.push(`lost ${nameOf(nodeId)} ${code}`))
  const { port } = await links.listen()
  return { links, port, heard }
}

const dial = (from: TestNode, to: TestNode): void =>
  from.links.dial({ host: '127.0.0.1', port: to.port, nodeId: null, isStatic: true, delayMs: 0 })
const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 10_000, interval: 10 })
const linkedTo = (node: TestNode): string[] => node.links.peers().map(({ nodeId }) => nodeId)

describe('links', () => {
  it('F2: from an address that the machine has lost are reconnected at once, and no others', async () => {
    const [a, b] = [await startNode(0), await startNode(1)]
    dial(a, b)
    await until(() => expect([a.heard, b.heard]).toEqual([['up 1'], ['up 0']]))
    a.links.addressesChanged(new Set(['127.0.0.1', '10.0.0.7']))
    expect(a.heard).toEqual(['up 1'])
    a.links.addressesChanged(new Set(['10.0.0.7']))
    expect(a.heard).toEqual(['up 1', 'lost 1 moved'])
    await until(() =>
      expect([a.heard, b.heard]).toEqual([
        ['up 1', 'lost 1 moved', 'up 1'],
        ['up 0', expect.stringMatching(/^lost 0/), 'up 0'],
      ]),
    )
  })

  it('F5: move to another address of the peer while theirs is silent, before the peer is lost', async () => {
    let isCut = false
    const openDatagrams: LinksOptions<Note>['openDatagrams'] = async (listen) => {
      const socket = await openDatagramSocket(listen, silentLog)
      return { ...socket, send: (...sent) => (isCut ? undefined : socket.send(...sent)) }
    }
    const [a, b] = [await startNode(0, { openDatagrams }), await startNode(1, { openDatagrams })]
    const cable = await startNarrowRelay(b.port, Infinity)
    a.links.dial({ host: '127.0.0.1', port: cable.port, nodeId: null, isStatic: true, delayMs: 0 })
    await until(() => expect([a.heard, b.heard]).toEqual([['up 1'], ['up 0']]))
    a.links.dial({ host: '127.0.0.2', port: b.port, nodeId: b.links.nodeId, isStatic: false, delayMs: 0 })
    await systemClock.sleep(500)
    expect(a.links.peers()[0]!.address.host).toBe('127.0.0.1')
    isCut = true
    cable.cut()
    await until(() =>
      expect([a.heard, b.heard].map((heard) => heard.slice(1))).toEqual([
        ['lost 1 replaced', 'up 1'],
        ['lost 0 replaced', 'up 0'],
      ]),
    )
    expect(a.links.peers()[0]!.address.host).toBe('127.0.0.2')
    cable.close()
  })

  it('F3: are refused to a clone while the first of the identity is alive, by name on both sides, and given when it has gone', async () => {
    const [a, other] = [await startNode(0), await startNode(1)]
    dial(a, other)
    await until(() => expect(linkedTo(other)).toEqual([identities[0]!.nodeId]))
    const clone = await startNode(0, { nodeName: 'copied' })
    dial(clone, other)
    await until(() =>
      expect(clone.links.refused()).toMatchObject([
        {
          nodeId: identities[1]!.nodeId,
          nodeName: 'node 1',
          code: 'identity-in-use',
          reason: expect.stringContaining('exo identity new'),
        },
      ]),
    )
    expect(other.links.refused()).toMatchObject([{ nodeId: identities[0]!.nodeId, nodeName: 'copied', code: 'identity-in-use' }])
    expect([a.heard, other.heard, clone.heard]).toEqual([['up 1'], ['up 0'], []])
    await a.links.close()
    const again = await startNode(0)
    dial(again, other)
    await until(() => expect(linkedTo(again)).toEqual([identities[1]!.nodeId]))
  })

  it('F3: never join two machines of one identity, which learn of each other', async () => {
    const [a, clone] = [await startNode(0), await startNode(0, { nodeName: 'copied', listen: { host: '127.0.0.2', port: 0 } })]
    a.links.dial({ host: '127.0.0.2', port: clone.port, nodeId: null, isStatic: true, delayMs: 0 })
    await until(() =>
      expect([a, clone].map(({ links }) => links.refused())).toMatchObject([
        [{ nodeId: a.links.nodeId, nodeName: 'copied', code: 'identity-in-use' }],
        [{ nodeName: 'node 0', code: 'identity-in-use' }],
      ]),
    )
    expect([a.heard, clone.heard]).toEqual([[], []])
    const itself = await startNode(1)
    dial(itself, itself)
    await systemClock.sleep(500)
    expect(itself.links.refused()).toEqual([])
  })
})
