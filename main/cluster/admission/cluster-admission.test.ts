import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../platform/clock.ts'
import { createLog } from '../../platform/log/log.ts'
import { systemRandom } from '../../platform/random.ts'
import { type NodeIdentity, openIdentity } from '../identity/open-identity.ts'
import { freshRecord, type Machine, type MachineStart, startMachine } from './__fixtures__/start-machine.ts'

const log = createLog({ level: 'silent', format: 'json', write: () => undefined })
const identities: NodeIdentity[] = []
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exo-admission-'))
  for (const name of ['a', 'b', 'c', 'd']) identities.push(await openIdentity(join(folder, name), { log, random: systemRandom }))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const running: Machine[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((machine) => machine.stop()))
})

async function start(index: number, options: MachineStart = {}): Promise<Machine> {
  const machine = await startMachine(`studio-${index}`, identities[index]!, options)
  running.push(machine)
  return machine
}

const meet = (from: Machine, to: Machine): void =>
  from.links.dial({ host: '127.0.0.1', port: to.port, nodeId: null, isStatic: true, delayMs: 0 })
function meetAll(machines: readonly Machine[]): void {
  for (const from of machines) for (const to of machines) if (from !== to) meet(from, to)
}
const linkedTo = (machine: Machine): string[] =>
  machine.links
    .peers()
    .map(({ nodeName }) => nodeName)
    .toSorted()
const within = (read: () => unknown) => expect.poll(read, { timeout: 8000, interval: 20 })
const pause = (durationMs: number): Promise<void> => systemClock.sleep(durationMs)
const others = (machines: readonly Machine[]): string[][] =>
  machines.map((machine) => machines.filter((other) => other !== machine).map(({ name }) => name))
const waitingAt = (machine: Machine): string[] => machine.admission.view().waiting.map(({ name, waitsFor }) => `${name} ${waitsFor}`)

describe('machines that were just started', () => {
  it.each([[2], [3], [4]])('are one cluster: %i', async (count) => {
    const machines = await Promise.all(identities.slice(0, count).map((_, index) => start(index)))
    meetAll(machines)
    await within(() => machines.map(linkedTo)).toEqual(others(machines))
    await within(() => new Set(machines.map(({ record }) => record.secret)).size).toBe(1)
    await within(() => machines.map(({ record }) => record.members.map(({ name }) => name).toSorted())).toEqual(others(machines))
  })

  it('two pairs that have formed apart become one', async () => {
    const machines = (await Promise.all(identities.map((_, index) => start(index)))) as [Machine, Machine, Machine, Machine]
    meetAll(machines.slice(0, 2))
    meetAll(machines.slice(2))
    await within(() => machines.map((machine) => linkedTo(machine).length)).toEqual([1, 1, 1, 1])
    const lost: string[] = []
    for (const machine of machines) machine.links.onPeerLost((nodeId) => lost.push(nodeId))
    meetAll(machines)
    await within(() => machines.map(linkedTo)).toEqual(others(machines))
    await within(() => new Set(machines.map(({ record }) => record.secret)).size).toBe(1)
    expect(lost).toEqual([])
  })

  it('know each other again by themselves, also without a person', async () => {
    const [a, b] = [await start(0), await start(1)]
    meetAll([a, b])
    await within(() => [a, b].map(linkedTo)).toEqual([['studio-1'], ['studio-0']])
    await within(() => b.record.members.length).toBe(1)
    await b.stop()
    running.splice(running.indexOf(b), 1)
    const again = await start(1, { isStartedByPerson: false, record: { ...b.record, isSettled: true } })
    meet(again, a)
    await within(() => linkedTo(again)).toEqual(['studio-0'])
  })
})

describe('A2: a newcomer', () => {
  it.each<[string, MachineStart, MachineStart]>([
    ['later than the members', { windowMs: 0 }, {}],
    ['that was started by a service', {}, { isStartedByPerson: false }],
    ['that never wants it', {}, { windowMs: 0 }],
  ])('%s waits, and takes and gives nothing', async (_, old, young) => {
    const [a, b] = [await start(0, old), await start(1, young)]
    const secrets = [a.record.secret, b.record.secret]
    meetAll([a, b])
    await within(() => [waitingAt(a).length, waitingAt(b).length]).toEqual([1, 1])
    await pause(1500)
    expect([linkedTo(a), linkedTo(b), [a.record.secret, b.record.secret]]).toEqual([[], [], secrets])
  })

  it('is in when the person at a member says so', async () => {
    const [a, b] = [await start(0, { windowMs: 0 }), await start(1)]
    meetAll([a, b])
    await within(() => waitingAt(a)).toHaveLength(1)
    const clickedMs = systemClock.now()
    a.admission.admit('studio-1')
    await within(() => [a, b].map(linkedTo)).toEqual([['studio-1'], ['studio-0']])
    expect(systemClock.now() - clickedMs).toBeLessThan(2000)
    expect(a.admission.view()).toMatchObject({ members: [{ name: 'studio-1', cause: 'admitted', isLinked: true }], waiting: [] })
  })

  it('that has asked at its start is in by one word of a member, though its window is over by then', async () => {
    const [a, b] = [await start(0, { windowMs: 0, record: { ...freshRecord(), isSettled: true } }), await start(1, { windowMs: 1 })]
    meetAll([a, b])
    await within(() => waitingAt(a)).toEqual(['studio-1 this-side'])
    a.admission.admit('studio-1')
    await within(() => linkedTo(b)).toEqual(['studio-0'])
    expect(b.admission.view().letInBy).toMatchObject({ name: 'studio-0', cause: 'admitted' })
    await b.admission.left()
    expect([b.record.members, b.record.secret === a.record.secret]).toEqual([[], false])
  })

  it.each<[string, MachineStart]>([
    ['whose start says nothing (--admit-window 0)', { windowMs: 0 }],
    ['beyond a router', { isNeighbour: false }],
  ])('%s goes where a member lets it in only after a word of its own person', async (_, young) => {
    const [a, b] = [await start(0, { windowMs: 0, record: { ...freshRecord(), isSettled: true } }), await start(1, young)]
    meetAll([a, b])
    await within(() => waitingAt(a)).toHaveLength(1)
    const { secret } = b.record
    a.admission.admit('studio-1')
    await within(() => waitingAt(a)).toEqual(['studio-1 other-side'])
    await pause(1500)
    expect([b.record.secret, waitingAt(b)]).toEqual([secret, ['studio-0 this-side']])
    b.admission.admit('studio-0')
    await within(() => linkedTo(b)).toEqual(['studio-0'])
    expect(b.admission.view().letInBy).toBeNull()
  })

  it('whose start says nothing is in by one word of a member, once its person joins', async () => {
    const [a, b] = [await start(0, { windowMs: 0, record: { ...freshRecord(), isSettled: true } }), await start(1, { windowMs: 0 })]
    meetAll([a, b])
    await within(() => waitingAt(a)).toHaveLength(1)
    b.window.open()
    a.admission.admit('studio-1')
    await within(() => linkedTo(b)).toEqual(['studio-0'])
  })

  it('that was just started is told that the other side has the word', async () => {
    const [a, b] = [await start(0, { windowMs: 0, record: { ...freshRecord(), isSettled: true } }), await start(1)]
    meetAll([a, b])
    await within(() => [waitingAt(a), waitingAt(b)]).toEqual([['studio-1 this-side'], ['studio-0 other-side']])
  })

  it('that a settled cluster remembers comes back when its person joins, though its own record is lost', async () => {
    const known = { nodeId: identities[1]!.nodeId, name: 'studio-1', cause: 'admitted' as const, admittedAtMs: 0 }
    const [a, b] = [
      await start(0, { windowMs: 0, record: { ...freshRecord(), isSettled: true, members: [known] } }),
      await start(1, { isStartedByPerson: false }),
    ]
    meetAll([a, b])
    await within(() => waitingAt(b)).toEqual(['studio-0 this-side'])
    expect(linkedTo(b)).toEqual([])
    b.window.open()
    b.admission.hurry()
    await within(() => linkedTo(b)).toEqual(['studio-0'])
  })

  it('that was not started by a user does not join a stranger that admits it', async () => {
    const [stranger, victim] = [
      await start(0, { record: { ...freshRecord(), isSettled: true } }),
      await start(1, { isStartedByPerson: false }),
    ]
    meetAll([stranger, victim])
    await within(() => waitingAt(stranger)).toHaveLength(1)
    const { secret } = victim.record
    stranger.admission.admit('studio-1')
    await pause(1500)
    expect([victim.record.secret, linkedTo(victim), waitingAt(victim)]).toEqual([secret, [], ['studio-0 this-side']])
    victim.admission.admit(stranger.nodeId.slice(0, 12))
    await within(() => linkedTo(victim)).toEqual(['studio-0'])
  })

  it('at the other end of a cable is in', async () => {
    const [a, b] = [
      await start(0, { windowMs: 0, isOnCable: true, record: { ...freshRecord(), isSettled: true } }),
      await start(1, { isStartedByPerson: false, isOnCable: true }),
    ]
    meetAll([a, b])
    await within(() => linkedTo(b)).toEqual(['studio-0'])
    expect(a.record.members).toMatchObject([{ name: 'studio-1', cause: 'cable' }])
  })

  it('that is refused is heard of no more', async () => {
    const [a, b] = [await start(0, { windowMs: 0 }), await start(1)]
    meetAll([a, b])
    await within(() => waitingAt(a)).toHaveLength(1)
    a.admission.refuse('studio-1')
    await pause(1500)
    expect([waitingAt(a), linkedTo(a)]).toEqual([[], []])
    expect(() => a.admission.admit('studio-1')).toThrow(expect.objectContaining({ code: 'newcomer-unknown' }))
  })
})

describe('a member that is put out', () => {
  it('is out, stays out though it was just started, and those who stay have a new secret', async () => {
    const lines: string[] = []
    const write = (line: string): void => void lines.push(line)
    const machines = (await Promise.all([0, 1, 2].map((index) => start(index, index === 1 ? { write } : {})))) as [
      Machine,
      Machine,
      Machine,
    ]
    meetAll(machines)
    await within(() => machines.map(linkedTo)).toEqual(others(machines))
    const [a, b, c] = machines
    await within(() => new Set(machines.map(({ record }) => record.secret)).size).toBe(1)
    const { secret } = a.record
    const lost: string[] = []
    a.links.onPeerLost((nodeId) => lost.push(nodeId))
    await a.admission.remove('studio-2')
    await within(() => [linkedTo(a), linkedTo(b), linkedTo(c)]).toEqual([['studio-1'], ['studio-0'], []])
    await within(() => b.record.secret).toBe(a.record.secret)
    expect(a.record.secret).not.toBe(secret)
    const told = lines.filter((line) => line.includes('were removed from the cluster')).map((line) => JSON.parse(line) as unknown)
    expect(told).toMatchObject([{ by: 'studio-0', nodeId: a.nodeId, removed: ['studio-2'] }])
    await pause(2000)
    expect([linkedTo(a), linkedTo(b), linkedTo(c)]).toEqual([['studio-1'], ['studio-0'], []])
    expect([c.record.secret === secret, c.record.secret === a.record.secret, lost]).toEqual([false, false, [c.nodeId]])
    expect(a.admission.view().waiting).toMatchObject([{ name: 'studio-2', wasRemoved: true }])
  })

  it('is told nothing by a member that was away then, once that is back', async () => {
    const machines = (await Promise.all([0, 1, 2].map((index) => start(index)))) as [Machine, Machine, Machine]
    meetAll(machines)
    await within(() => machines.map(linkedTo)).toEqual(others(machines))
    const [a, b, c] = machines
    await within(() => new Set(machines.map(({ record }) => record.secret)).size).toBe(1)
    await b.stop()
    running.splice(running.indexOf(b), 1)
    await a.admission.remove('studio-2')
    await within(() => linkedTo(a)).toEqual([])
    const back = await start(1, { isStartedByPerson: false, record: { ...b.record, isSettled: true } })
    meetAll([a, back, c])
    await within(() => [linkedTo(a), linkedTo(back), linkedTo(c)]).toEqual([['studio-1'], ['studio-0'], []])
    expect(back.record.secret).toBe(a.record.secret)
  })

  it('can be let in again', async () => {
    const [a, b] = [await start(0), await start(1)]
    meetAll([a, b])
    await within(() => [a, b].map(linkedTo)).toEqual([['studio-1'], ['studio-0']])
    await within(() => a.record.members.length).toBe(1)
    await a.admission.remove('studio-1')
    await within(() => waitingAt(a)).toHaveLength(1)
    await within(() => waitingAt(b)).toHaveLength(1)
    a.admission.admit('studio-1')
    b.admission.admit('studio-0')
    await within(() => [a, b].map(linkedTo)).toEqual([['studio-1'], ['studio-0']])
  })
})
