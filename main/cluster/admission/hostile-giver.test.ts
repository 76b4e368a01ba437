import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Standing } from '../../domain/admission/judge-newcomer.ts'
import { createLog } from '../../platform/log/log.ts'
import { randomHex } from '../../platform/random-hex.ts'
import { systemRandom } from '../../platform/random.ts'
import { errorCode } from '../../shared/app-error.ts'
import type { SharedRecord } from '../../shared/wire/peer/cluster-record.ts'
import { type NodeIdentity, openIdentity } from '../identity/open-identity.ts'
import type { PairingChannel } from '../pairing/pairing-channel.ts'
import { PAIRING_PROTOCOL } from '../pairing/pairing-frame.ts'
import { type Machine, startMachine } from './__fixtures__/start-machine.ts'
import { dialKnock } from './dial-knock.ts'
import { keyIdOf } from './key-id.ts'

const LIMIT_MS = 20_000
const log = createLog({ level: 'silent', format: 'json', write: () => undefined })
let folder: string
let own: NodeIdentity
const strangers: NodeIdentity[] = []
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exo-giver-'))
  const identityOf = (name: string): Promise<NodeIdentity> => openIdentity(join(folder, name), { log, random: systemRandom })
  own = await identityOf('newcomer')
  strangers.push(await identityOf('one'), await identityOf('another'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

let newcomer: Machine
afterEach(() => newcomer.stop())

/** A cluster that is older than every other. */
const clusterOf = (index: number): SharedRecord => ({
  lineage: `${index}`.repeat(32),
  secret: randomHex(systemRandom, 32),
  removed: [],
  isSettled: true,
  members: [{ nodeId: strangers[index]!.nodeId, name: 'studio' }],
})
const standingOf = ({ lineage, secret }: SharedRecord, part: Partial<Standing>): Standing => ({
  stage: 'settled',
  lineage,
  keyId: keyIdOf(secret),
  isJustStarted: false,
  hasAdmitted: true,
  ...part,
})

interface Knocked {
  readonly channel: PairingChannel
  readonly act: string
}

async function knockAs(index: number, standing: Standing): Promise<Knocked> {
  const signal = AbortSignal.timeout(LIMIT_MS)
  const { channel } = await dialKnock(
    { host: '127.0.0.1', port: newcomer.port },
    strangers[index]!,
    () => ({ host: '127.0.0.1', isNeighbour: true, isOnCable: false }),
    signal,
  )
  channel.send({ type: 'knock', protocol: PAIRING_PROTOCOL, clusterName: 'desk', nodeName: 'studio', peerPort: 7000, standing })
  return { channel, act: await channel.receive('knocked', signal).then(({ act }) => act, errorCode) }
}

const answerTo = (channel: PairingChannel): Promise<string> =>
  channel.receiveAny(AbortSignal.timeout(LIMIT_MS)).then(({ type }) => type, errorCode)

async function offer(index: number, standing: Standing, ...records: SharedRecord[]): Promise<string> {
  const { channel, act } = await knockAs(index, standing)
  if (act !== 'take') return act
  for (const record of records) channel.send({ type: 'welcome', record })
  const answer = await answerTo(channel)
  channel.close()
  return answer
}

describe('A2: a stranger who gives its cluster’s secret to a machine that was just started', () => {
  it.each<[string, Partial<Standing>]>([
    ['says to be a cluster and no more', { hasAdmitted: false }],
    ['says to be forming, older, and no more', { stage: 'forming', hasAdmitted: false }],
    ['says to be alone and no more', { stage: 'solo', hasAdmitted: false }],
    ['says to be a cluster whose members were just started, to one that was not', { hasAdmitted: false, isJustStarted: true }],
  ])('and %s is not followed', async (_, claim) => {
    newcomer = await startMachine('newcomer', own, { windowMs: claim.isJustStarted ? 0 : 600_000 })
    const { secret } = newcomer.record
    const record = clusterOf(0)
    expect(await offer(0, standingOf(record, claim), record)).toBe('wait')
    expect([newcomer.record.secret, newcomer.record.members]).toEqual([secret, []])
  })

  it.each<[string, (record: SharedRecord) => SharedRecord[]]>([
    ['gives another secret than the one it named', (record) => [{ ...record, secret: randomHex(systemRandom, 32) }]],
    ['gives that of another cluster', (record) => [{ ...record, lineage: 'f'.repeat(32) }]],
    ['gives a cluster of another age', (record) => [{ ...record, isSettled: false }]],
    ['gives the same twice', (record) => [record, record]],
    ['gives two', (record) => [record, { ...record, secret: randomHex(systemRandom, 32) }]],
    ['floods', (record) => Array.from({ length: 200 }, () => record)],
  ])('and %s is refused, and held off', async (_, given) => {
    newcomer = await startMachine('newcomer', own)
    const { secret } = newcomer.record
    const record = clusterOf(0)
    expect(await offer(0, standingOf(record, {}), ...given(record))).not.toBe('taken')
    await expect.poll(async () => (await knockAs(0, standingOf(record, {}))).act).toBe('pairing-too-many-attempts')
    expect([newcomer.record.secret, newcomer.record.members, newcomer.admission.view().letInBy]).toEqual([secret, [], null])
  })

  it('and says that its person lets it in is followed, told, and left by one step; a second one is not followed', async () => {
    newcomer = await startMachine('newcomer', own)
    const [first, second] = [clusterOf(1), clusterOf(0)]
    expect(await offer(1, standingOf(first, {}), first)).toBe('taken')
    expect(newcomer.record.secret).toBe(first.secret)
    expect(newcomer.admission.view().letInBy).toMatchObject({ nodeId: strangers[1]!.nodeId, name: 'studio' })
    expect(await offer(0, standingOf(second, {}), second)).toBe('wait')
    expect(newcomer.record.secret).toBe(first.secret)
    await newcomer.admission.left()
    expect([newcomer.record.secret === first.secret, newcomer.record.members]).toEqual([false, []])
  })

  it('follows no more strangers that were just started than machines come together', async () => {
    newcomer = await startMachine('newcomer', own)
    const outcomes: string[] = []
    for (const digit of '987654321') {
      const record = { ...clusterOf(0), lineage: `0000000${digit}`.repeat(4), isSettled: false, members: [] }
      const [identity] = [await openIdentity(join(folder, `crowd-${digit}`), { log, random: systemRandom })]
      strangers.push(identity)
      outcomes.push(
        await offer(strangers.length - 1, standingOf(record, { stage: 'forming', hasAdmitted: false, isJustStarted: true }), record),
      )
    }
    expect(outcomes).toEqual([...Array.from({ length: 8 }, () => 'taken'), 'wait'])
  })
})
