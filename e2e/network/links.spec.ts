import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { NetworkLab } from '../harness/network-lab.ts'
import { LabNode, type LabNodeOptions } from './lab-node.ts'

/** The full duration runs in `npm test -- long`. */
const LOSSY_SECONDS = process.env['EXO_LONG_TESTS'] ? 40 : 20

let lab: NetworkLab
afterEach(() => lab.close())

const until = (check: () => void, limitMs = 60_000): Promise<void> => vi.waitFor(check, { timeout: limitMs, interval: 20 })
const peerCounts = (nodes: readonly LabNode[]): number[] => nodes.map(({ linked }) => linked.size)
const start = (host: number, options?: LabNodeOptions): LabNode => new LabNode(lab, host, options)

/** Starts one node on each host and waits until all are linked. */
async function startLinked(hostCount: number, options?: LabNodeOptions): Promise<LabNode[]> {
  const nodes = Array.from({ length: hostCount }, (_, index) => start(index + 1, options))
  // On a busy machine, Node itself is slow to start.
  await until(() => expect(nodes.filter(({ port }) => port > 0)).toHaveLength(hostCount), 60_000)
  await until(() => expect(peerCounts(nodes)).toEqual(nodes.map(() => hostCount - 1)))
  return nodes
}

/**
 * Until heartbeats pass in both directions, a link counts as TCP-only, which has a longer timeout. A test that cuts links
 * waits for heartbeats first.
 */
async function startBeating(hostCount: number): Promise<LabNode[]> {
  const nodes = await startLinked(hostCount)
  await until(() =>
    expect(
      nodes.every(({ state }) => state?.peers.length === hostCount - 1 && state.peers.every(({ roundTripMs }) => roundTripMs !== null)),
    ).toBe(true),
  )
  await sleep(2000)
  return nodes
}

/** The time from the last node's start to the last link. Node's own start time is not part of it. */
function foundAfterMs(nodes: readonly LabNode[]): number {
  const lastStartMs = Math.max(...nodes.map(({ listeningMs }) => listeningMs))
  return Math.max(...nodes.flatMap(({ linked }) => [...linked.values()])) - lastStartMs
}

describe('three hosts find each other in under 3 s', () => {
  it.each<[string, () => Promise<unknown>, LabNodeOptions]>([
    ['on a good network', () => Promise.resolve(), {}],
    ['by mDNS alone', () => Promise.resolve(), { broadcast: false }],
    ['with multicast blocked', () => lab.blockMulticast(), {}],
    [
      'with multicast and broadcast blocked, by --peer',
      () => Promise.all([lab.blockMulticast(), lab.blockBroadcast()]),
      { port: 7000, peers: [1, 2, 3].map((host) => ({ host: `10.77.0.${host}`, port: 7000 })) },
    ],
    ['without IPv4', () => Promise.all([1, 2, 3].map((host) => lab.dropIpv4(host))), {}],
    ['without IPv4, by mDNS alone', () => Promise.all([1, 2, 3].map((host) => lab.dropIpv4(host))), { broadcast: false }],
  ])('%s', async (_name, prepare, options) => {
    lab = await NetworkLab.create(3)
    await prepare()
    const nodes = await startLinked(3, options)
    expect(foundAfterMs(nodes)).toBeLessThan(3000)
    nodes[0]!.say('hello')
    await until(() => expect(nodes.map(({ texts }) => texts)).toEqual([[], ['hello'], ['hello']]))
    await until(() =>
      expect(nodes.every(({ state }) => state?.peers.every(({ roundTripMs }) => roundTripMs !== null && roundTripMs < 100))).toBe(true),
    )
    expect(nodes.map(({ lost }) => lost)).toEqual([[], [], []])
    expect(nodes.map((node) => node.complaints())).toEqual(['', '', ''])
  })
})

describe('finding', () => {
  it('two nodes on one host, also without any network', async () => {
    lab = await NetworkLab.create(1)
    await lab.unplug(1)
    const nodes = [start(1, { folder: 'a' }), start(1, { folder: 'b' })]
    await until(() => expect(peerCounts(nodes)).toEqual([1, 1]))
    expect(foundAfterMs(nodes)).toBeLessThan(3000)
  })

  it('a peer that comes back with a new address', async () => {
    lab = await NetworkLab.create(2)
    await lab.dropIpv6(1)
    const [first, second] = (await startBeating(2)) as [LabNode, LabNode]
    await lab.moveTo(2, 22)
    await until(() => expect(first.lost).toHaveLength(1))
    await until(() => expect(peerCounts([first, second])).toEqual([1, 1]))
    await until(() => expect(first.state?.peers[0]?.address.host).toBe('10.77.0.22'))
    await sleep(4000)
    expect(first.lost).toHaveLength(1)
  })

  it('a peer over another cable when the first is pulled', async () => {
    lab = await NetworkLab.create(2)
    await lab.connect(1, 2)
    const [first, second] = (await startBeating(2)) as [LabNode, LabNode]
    await lab.unplug(1)
    // Messages sent over the dead cable before the loss is detected are lost.
    await vi.waitFor(
      () => {
        first.say('still here')
        expect(second.texts).toContain('still here')
      },
      { timeout: 60_000, interval: 500 },
    )
    await until(() => expect(peerCounts([first, second])).toEqual([1, 1]))
  })

  it('shows nodes of other clusters, and does not link with them', async () => {
    lab = await NetworkLab.create(3)
    const [ours, other, keyed] = [start(1), start(2, { clusterName: 'other' }), start(3, { clusterKey: 'secret' })]
    await until(() => expect([ours, other, keyed].every(({ port }) => port > 0)).toBe(true))
    await until(() =>
      expect(ours.state?.refused).toMatchObject([
        { nodeId: keyed.nodeId, code: 'key-missing', reason: expect.stringContaining('--cluster-key') },
      ]),
    )
    await until(() =>
      expect(ours.state?.discovered.map(({ nodeId, clusterName, needsKey }) => [nodeId, clusterName, needsKey])).toEqual(
        [
          [other.nodeId, 'other', false],
          [keyed.nodeId, 'default', true],
        ].toSorted(),
      ),
    )
    expect(
      ours.state?.discovered.every(({ addresses }) =>
        addresses.some(({ host, sources }) => host.startsWith('10.77.0.') && sources.join() === 'broadcast,mdns'),
      ),
    ).toBe(true)
    await until(() => expect(keyed.state?.refused).toMatchObject([{ nodeId: ours.nodeId, code: 'key-missing' }]))
    expect(peerCounts([ours, other, keyed])).toEqual([0, 0, 0])
  })
})

describe('losing', () => {
  it('a killed peer is noticed within 1.5 s, and found again', async () => {
    lab = await NetworkLab.create(3)
    const [first, second] = (await startLinked(3)) as [LabNode, LabNode]
    const killedMs = performance.now()
    await lab.kill(3)
    await until(() => expect(peerCounts([first, second])).toEqual([1, 1]))
    expect(Math.max(...[first, second].map(({ lost }) => lost[0]!.atMs)) - killedMs).toBeLessThan(1500)
    const again = start(3)
    await until(() => expect(peerCounts([first, second, again])).toEqual([2, 2, 2]))
    expect(foundAfterMs([again])).toBeLessThan(3000)
  })

  it('a partition of 5 into 3 and 2 is noticed within 4 s, and healed within 4 s', async () => {
    lab = await NetworkLab.create(5)
    const nodes = await startBeating(5)
    const cutMs = performance.now()
    await lab.partition([1, 2, 3], [4, 5])
    await until(() => expect(peerCounts(nodes)).toEqual([2, 2, 2, 1, 1]))
    expect(performance.now() - cutMs).toBeLessThan(4000)
    expect(new Set(nodes.flatMap(({ lost }) => lost.map(({ code }) => code)))).toEqual(new Set(['silent']))
    await sleep(6000)
    const healedMs = performance.now()
    await lab.heal()
    await until(() => expect(peerCounts(nodes)).toEqual([4, 4, 4, 4, 4]))
    expect(performance.now() - healedMs).toBeLessThan(4000)
  })

  it(`no peer over a link that loses 30 % each way and takes 50 ms, for ${LOSSY_SECONDS} s`, async () => {
    lab = await NetworkLab.create(3)
    await lab.delay(1, 25)
    await lab.delay(2, 25)
    await lab.lose(1, 0.3)
    const nodes = await startLinked(3)
    await sleep(LOSSY_SECONDS * 1000)
    expect(nodes.map(({ lost }) => lost)).toEqual([[], [], []])
    expect(nodes[0]!.state?.peers.find(({ nodeId }) => nodeId === nodes[1]!.nodeId)?.roundTripMs).toBeGreaterThan(49)
  })
})
