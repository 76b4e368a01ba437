import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../platform/clock.ts'
import { createLog } from '../../platform/log/log.ts'
import { systemRandom } from '../../platform/random.ts'
import { openIdentity } from '../identity/open-identity.ts'
import { CPace } from '../key-exchange/cpace.ts'
import { deriveClusterKey, proveClusterKey } from '../key-exchange/cluster-key.ts'
import { openLinkServer, type AcceptConnection, type AcceptLink } from '../link/sockets/link-server.ts'
import type { SharedRecord } from '../../shared/wire/peer/cluster-record.ts'
import { dialPairing } from './dial-pairing.ts'
import { PairingDesk } from './pairing-desk.ts'

const log = createLog({ level: 'silent', format: 'json', write: () => undefined })
const ended = new AbortController()
const closings: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closings.splice(0)) await close()
})

/** The part of a node that pairs: a desk behind a real server. */
async function openDesk(nodeName: string, clusterName: string, clusterKey: string | null, record: SharedRecord | null = null) {
  const dataDir = await mkdtemp(join(tmpdir(), 'exo-pairing-'))
  const identity = await openIdentity(dataDir, { log, random: systemRandom })
  const keys: string[] = []
  const records: (SharedRecord | null)[] = []
  const given: string[] = []
  const desk: PairingDesk = new PairingDesk(
    {
      identity,
      nodeName,
      log,
      membership: () => ({ clusterName, clusterKey, record, isOpen: clusterKey === null }),
      onKey: async (cluster) => {
        keys.push(cluster.clusterKey)
        records.push(cluster.record)
      },
      onGiven: async (_, name) => void given.push(name),
      onChange: () => undefined,
      pathOf: () => ({ host: '127.0.0.1', isNeighbour: true, isOnCable: false }),
      clock: systemClock,
      random: systemRandom,
    },
    ended.signal,
  )
  const server = await openLinkServer(
    identity,
    { host: '127.0.0.1', port: 0 },
    { link: refuseLink, pairing: (...connection) => desk.accept(...connection), isLinked: () => false },
  )
  closings.push(async () => {
    await server.close()
    await rm(dataDir, { recursive: true })
  })
  return { desk, keys, records, given, addresses: [{ host: '127.0.0.1', port: server.port }] }
}

/** The share of a machine that took part with another key. */
const WRONG_SHARE = Buffer.from(
  new CPace({ secret: Buffer.from('another'), channel: Buffer.alloc(0), sessionId: Buffer.alloc(0) }, systemRandom.bytes(32)).share,
).toString('hex')

/** An attacker at the address of a cluster. */
const refuseLink: AcceptLink = async (webSocket) => {
  webSocket.terminate()
  return false
}

async function openFake(onFrame: (frame: { type: string }, say: (frame: unknown) => void) => void) {
  const dataDir = await mkdtemp(join(tmpdir(), 'exo-pairing-'))
  const identity = await openIdentity(dataDir, { log, random: systemRandom })
  const pairing: AcceptConnection = (webSocket) => {
    webSocket.on('error', () => undefined)
    webSocket.on('message', (data: Buffer) => onFrame(JSON.parse(data.toString('utf8')), (frame) => webSocket.send(JSON.stringify(frame))))
  }
  const server = await openLinkServer(identity, { host: '127.0.0.1', port: 0 }, { link: refuseLink, pairing, isLinked: () => false })
  closings.push(async () => {
    await server.close()
    await rm(dataDir, { recursive: true })
  })
  return [{ host: '127.0.0.1', port: server.port }]
}

const end = (desk: PairingDesk) => expect.poll(() => desk.view()?.status).toBe('ended')

describe('two desks', () => {
  it('hand over what a member has of a closed cluster, where that is what it is', async () => {
    const record: SharedRecord = { lineage: 'a'.repeat(32), secret: 'b'.repeat(64), removed: [], isSettled: true, members: [] }
    const host = await openDesk('studio', 'desk', record.secret, record)
    const joiner = await openDesk('mini', 'mine', null)
    await joiner.desk.start(host.addresses, 'desk')
    await expect.poll(() => host.desk.view()?.status).toBe('comparing')
    joiner.desk.confirm()
    host.desk.confirm()
    await end(joiner.desk)
    expect([joiner.keys, joiner.records]).toEqual([[record.secret], [record]])
  })

  it('A2: take no key for the secret of members, and without one refer to asking', async () => {
    const record: SharedRecord = { lineage: 'a'.repeat(32), secret: 'b'.repeat(64), removed: [], isSettled: true, members: [] }
    const host = await openDesk('studio', 'desk', record.secret, record)
    const joiner = await openDesk('mini', 'mine', null)
    await expect(joiner.desk.check(host.addresses, 'desk', record.secret)).rejects.toMatchObject({ code: 'pairing-no-key' })
    await joiner.desk.check(host.addresses, 'desk', null)
  })

  it('show the same digits, and hand the key over once both people have confirmed', async () => {
    const host = await openDesk('studio', 'desk', 'the key')
    const joiner = await openDesk('mini', 'mine', null)
    await joiner.desk.start(host.addresses, 'desk')
    await expect.poll(() => host.desk.view()?.digits).toMatch(/^\d{6}$/)
    expect(joiner.desk.view()).toMatchObject({ role: 'joiner', status: 'comparing', peerName: 'studio', digits: host.desk.view()?.digits })
    expect(host.desk.view()).toMatchObject({ role: 'host', peerName: 'mini' })
    host.desk.confirm()
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(joiner.keys).toEqual([])
    joiner.desk.confirm()
    await end(joiner.desk)
    expect(joiner.keys).toEqual(['the key'])
    expect([joiner.desk.view()?.error, host.desk.view()?.error]).toEqual([null, null])
    expect(host.given).toEqual(['mini'])
  })

  it('share nothing when one of them says no', async () => {
    const host = await openDesk('studio', 'desk', 'the key')
    const joiner = await openDesk('mini', 'mine', null)
    await joiner.desk.start(host.addresses, 'desk')
    joiner.desk.confirm()
    await expect.poll(() => host.desk.view()?.status).toBe('comparing')
    host.desk.cancel()
    await end(joiner.desk)
    expect(joiner.desk.view()?.error?.code).toBe('pairing-declined')
    expect(joiner.keys).toEqual([])
    expect(() => host.desk.confirm()).toThrow(expect.objectContaining({ code: 'no-pairing' }))
  })

  it('pair with one at a time', async () => {
    const host = await openDesk('studio', 'desk', 'the key')
    const [first, second] = [await openDesk('mini', 'mine', null), await openDesk('book', 'other', null)]
    await first.desk.start(host.addresses, 'desk')
    await expect.poll(() => host.desk.view()?.status).toBe('comparing')
    await expect(second.desk.start(host.addresses, 'desk')).rejects.toMatchObject({ code: 'pairing-busy' })
    await expect(first.desk.start(host.addresses, 'desk')).rejects.toMatchObject({ code: 'pairing-busy' })
  })

  it('do not let one try for ever', async () => {
    const host = await openDesk('studio', 'desk', 'the key')
    const joiner = await openDesk('mini', 'mine', null)
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await joiner.desk.start(host.addresses, 'desk')
      joiner.desk.cancel()
      await expect.poll(() => host.desk.view()?.status).toBe('ended')
    }
    await expect(joiner.desk.start(host.addresses, 'desk')).rejects.toMatchObject({ code: 'pairing-too-many-attempts' })
  })

  it.each([
    ['the right key', 'the key', null],
    ['a wrong key', 'another', 'cluster-key-wrong'],
    ['no key', null, 'cluster-key-missing'],
  ])('check %s before anything is left', async (_, key, code) => {
    const host = await openDesk('studio', 'desk', 'the key')
    const joiner = await openDesk('mini', 'mine', null)
    const checked = joiner.desk.check(host.addresses, 'desk', key)
    if (code === null) await checked
    else await expect(checked).rejects.toMatchObject({ code })
    await expect(joiner.desk.check(host.addresses, 'elsewhere', key)).rejects.toMatchObject({ code: 'pairing-other-cluster' })
  })

  it('B2: believe no cluster that claims the key fits without proof that it holds it, and show it nothing to guess at', async () => {
    const joiner = await openDesk('mini', 'mine', null)
    for (const answer of [[], [{ type: 'key-share', keyShare: WRONG_SHARE }], [{ type: 'key-share', keyShare: '0'.repeat(64) }]]) {
      const heard: { type: string; keyShare?: string | null; keyProof?: string }[] = []
      const fake = await openFake((frame, say) => {
        heard.push(frame)
        const next = answer[heard.length - 1]
        say(next ?? { type: 'key-fits', keyProof: '0'.repeat(64) })
      })
      const code = answer.length === 1 && answer[0]!.keyShare === WRONG_SHARE ? 'cluster-key-wrong' : 'pairing-broken'
      await expect(joiner.desk.check(fake, 'desk', 'the key')).rejects.toMatchObject({ code })
      expect(heard.map(({ type }) => type)).toEqual(code === 'cluster-key-wrong' ? ['key-check', 'key-proof'] : ['key-check'])
      expect(Object.keys(heard[0]!).toSorted()).toEqual(['clusterName', 'keyShare', 'protocol', 'type'])
    }
  })

  it('B2: refuse a proof of before key exchanges by the version, without a look at it', async () => {
    const host = await openDesk('studio', 'desk', 'the key')
    const dataDir = await mkdtemp(join(tmpdir(), 'exo-pairing-'))
    closings.push(() => rm(dataDir, { recursive: true }))
    const joiner = await openIdentity(dataDir, { log, random: systemRandom })
    const { channel, peer } = await dialPairing(host.addresses, joiner, AbortSignal.timeout(20_000))
    channel.send({
      type: 'key-check',
      protocol: 2,
      clusterName: 'desk',
      keyProof: proveClusterKey(await deriveClusterKey('the key', 'desk'), peer.channelBinding, 'dialer'),
    } as never)
    await expect(channel.receiveAny(AbortSignal.timeout(20_000))).rejects.toMatchObject({ code: 'pairing-other-protocol' })
  })

  it('say before anything is left that one of the two is open and the other is not', async () => {
    const record: SharedRecord = { lineage: 'a'.repeat(32), secret: 'b'.repeat(64), removed: [], isSettled: true, members: [] }
    const [open, closed, joiner] = [
      await openDesk('studio', 'desk', null),
      await openDesk('studio', 'desk', record.secret, record),
      await openDesk('mini', 'mine', null),
    ]
    await expect(joiner.desk.check(open.addresses, 'desk', null, false)).rejects.toMatchObject({
      code: 'pairing-open-there',
      message: expect.stringContaining('--open'),
    })
    await expect(joiner.desk.check(closed.addresses, 'desk', null, true)).rejects.toMatchObject({ code: 'pairing-closed-there' })
    await joiner.desk.check(open.addresses, 'desk', null, true)
    await joiner.desk.check(closed.addresses, 'desk', null, false)
  })

  it('report a missing answer, and a cluster without a key', async () => {
    const open = await openDesk('studio', 'desk', null)
    const joiner = await openDesk('mini', 'mine', null)
    await expect(joiner.desk.start([{ host: '127.0.0.1', port: 1 }], 'desk')).rejects.toMatchObject({ code: 'cluster-unreachable' })
    await expect(joiner.desk.start(open.addresses, 'desk')).rejects.toMatchObject({ code: 'pairing-no-key' })
  })
})
