import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { whenEnded } from '../harness/when-ended.ts'
import { get, post } from '../node/call-api.ts'
import { reportFigure } from '../node/report-figure.ts'
import type { ClusterNode } from './lab/cluster-node.ts'
import { Cluster, whenOneCluster } from './lab/cluster.ts'

let cluster: Cluster
afterEach(async () => {
  if (process.env['EXO_LOGS']) console.log(cluster?.output())
  await cluster?.close()
})

const start = (host: number, ...flags: string[]): Promise<ClusterNode> =>
  cluster.start(host, { arguments: ['--no-default-model', ...flags] })

const startedByService = (host: number): Promise<ClusterNode> =>
  cluster.start(host, { arguments: ['--no-default-model'], env: { EXO_RESTARTED: '1' } })

interface Members {
  readonly admission: string
  readonly members: readonly { readonly name: string; readonly nodeId: string; readonly isLinked: boolean }[]
  readonly waiting: readonly { readonly name: string; readonly nodeId: string; readonly waitsFor: string }[]
}

async function act(node: ClusterNode, ...words: string[]): Promise<string> {
  const { status, stdout, stderr } = await node.exo(...words)
  if (status !== 0) throw new Error(stderr)
  return stdout
}

const members = async (node: ClusterNode): Promise<Members> => JSON.parse(await act(node, 'members', '--json')) as Members

const waitingAt = async (node: ClusterNode): Promise<string[]> => ((await node.state()).admission?.waiting ?? []).map(({ name }) => name)

describe('a cluster without any configuration', () => {
  it('A2: takes a fourth machine an hour later only after a word of a member, and puts out one that is to go', async () => {
    cluster = await Cluster.create(4)
    const begun = await Promise.all([1, 2, 3].map((host) => start(host)))
    await whenOneCluster(begun)
    // As an hour later, when none of them has just been started.
    expect(await Promise.all(begun.map((node) => node.stop()))).toEqual([0, 0, 0])
    const first = await Promise.all([1, 2, 3].map(startedByService))
    const [studio] = first as [ClusterNode, ClusterNode, ClusterNode]
    await whenOneCluster(first)
    expect((await studio.state()).admission?.mode).toBe('members')

    const late = await start(4)
    const startedMs = performance.now()
    await expect.poll(() => waitingAt(studio), { timeout: 40_000, interval: 50 }).toEqual(['host4'])
    reportFigure('a machine that comes later, from its API to who waits', (performance.now() - startedMs) / 1000, 's')
    await sleep(2000)
    await whenOneCluster(first)
    await whenOneCluster([late])
    expect((await members(studio)).waiting).toMatchObject([{ name: 'host4', nodeId: late.nodeId, waitsFor: 'this-side' }])
    expect(JSON.stringify((await studio.state()).nodes)).not.toContain(late.nodeId)

    await act(studio, 'admit', 'host4')
    const admittedMs = performance.now()
    await whenOneCluster([...first, late], 40_000)
    reportFigure('from exo admit to one cluster', (performance.now() - admittedMs) / 1000, 's')

    expect(late.output()).toMatch(/let into the cluster of another[\s\S]*exo leave/)
    expect(await late.stop()).toBe(0)
    const back = await startedByService(4)
    await whenOneCluster([...first, back], 40_000)

    await act(studio, 'remove', 'host4')
    await whenOneCluster(first, 40_000)
    await whenOneCluster([back], 40_000)
    expect(await back.stop()).toBe(0)
    const again = await start(4)
    await expect.poll(() => waitingAt(studio), { timeout: 40_000, interval: 50 }).toEqual(['host4'])
    await sleep(3000)
    await whenOneCluster(first)
    await whenOneCluster([again])
    expect((await members(studio)).members.map(({ name }) => name).toSorted()).toEqual(['host2', 'host3'])
  }, 600_000)

  it('A2: a machine with --admit-window 0 goes nowhere without a word of its own person: exo join, which exo leave undoes', async () => {
    cluster = await Cluster.create(2)
    const [studio, cautious] = await Promise.all([start(1, '--admit-window', '0'), start(2, '--admit-window', '0')])
    await expect.poll(() => waitingAt(studio), { timeout: 40_000, interval: 50 }).toEqual(['host2'])
    await act(studio, 'admit', 'host2')
    await expect
      .poll(async () => (await members(studio)).waiting.map(({ waitsFor }) => waitsFor), { timeout: 40_000, interval: 50 })
      .toEqual(['other-side'])
    await expect.poll(() => waitingAt(cautious), { timeout: 40_000, interval: 50 }).toEqual(['host1'])
    await sleep(2000)
    await whenOneCluster([cautious])
    expect(await act(cautious, 'members')).toContain('exo admit host1')

    await act(cautious, 'join', 'default')
    await whenOneCluster([studio, cautious], 40_000)
    expect(await act(cautious, 'members')).toMatch(/host1 admitted this machine[\s\S]*exo leave/)
    await act(cautious, 'leave')
    await whenOneCluster([studio], 40_000)
    expect((await members(cautious)).members).toEqual([])
  }, 300_000)

  it.each<[string, string[], Record<string, string>]>([
    ['that a service started', [], { EXO_RESTARTED: '1' }],
    ['whose start says nothing', ['--admit-window', '0'], {}],
  ])(
    'A2: a stranger who says what everybody can hear gets no link, no model and no leadership of a machine %s, and draws it nowhere',
    async (_, flags, env) => {
      cluster = await Cluster.create(2)
      const victim = await cluster.start(1, { arguments: ['--no-default-model', '--peer-port', '7000', ...flags], env })
      await whenOneCluster([victim])
      const before = await victim.state()
      const stranger = cluster.lab.run(2, process.execPath, [
        join(import.meta.dirname, '..', 'network', 'pose-as-member.ts'),
        cluster.lab.address(1),
        '7000',
        'default',
      ])
      const { status, output } = await whenEnded(stranger)
      expect([status, output.trim().split('\n')]).toEqual([
        0,
        [
          'no proof: key-missing',
          'a made-up key: key-wrong',
          'a knock later: wait, nothing more',
          'a knock that says to be a cluster: wait, nothing more',
        ],
      ])
      const after = await victim.state()
      expect([Object.keys(after.nodes), after.links, after.leader, after.instances]).toEqual([
        Object.keys(before.nodes),
        before.links,
        before.leader,
        before.instances,
      ])
    },
  )

  it('is open only where it is said to be, and says so', async () => {
    cluster = await Cluster.create(3)
    const [one, two, closed] = await Promise.all([start(1, '--open'), start(2, '--open', '--admit-window', '0'), start(3)])
    await whenOneCluster([one, two])
    await whenOneCluster([closed])
    expect((await one.state()).admission?.mode).toBe('open')
    expect(one.output()).toMatch(/Cluster +default: open/)
    const doctor = await one.exo('doctor', '--json')
    expect(doctor.stdout).toContain('any exo on this network can join')
    expect((await get(one.apiUrl, '/cluster')).body).toMatchObject({ admission: 'open', hasKey: false, closed: null })
    expect((await post(one.apiUrl, '/cluster/admit', { name: 'host3' })).body.error).toMatchObject({ code: 'cluster_has_key' })
  })
})
