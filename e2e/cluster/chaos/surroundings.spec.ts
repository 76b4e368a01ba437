import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { get, post } from '../../node/call-api.ts'
import { reportFigure } from '../../node/report-figure.ts'
import { ask, type Question } from '../lab/ask.ts'
import type { ClusterNode } from '../lab/cluster-node.ts'
import { Cluster, whenAll, whenFormed, whenOneCluster } from '../lab/cluster.ts'
import { place, type PlacedInstance, remove } from '../lab/instances.ts'
import { type Reference, clusterReferenceAnswers } from '../lab/reference.ts'

const QUESTION: Question = { prompt: 'Once upon a time, in a machine room,', temperature: 0.8, seed: 42, maxTokens: 40 }
const BREAK_AT_PART = 6
const HOSTS = [1, 2, 3]
/** Runs only what a case needs beside the cluster. */
const SPARE_HOST = 4
const START = ['--no-default-model', '--log-level', 'info']
const HOUR_S = 3600
const ASLEEP_MS = 60_000
const GAP_LIMIT_MS = 30_000
/** The hub cannot be found: a request that needs it ends within its limit of silence. */
const HUB_LIMIT_MS = 45_000

/** Each takes minutes, so only `npm run chaos` runs them. */
describe.runIf(process.env['EXO_CHAOS_MINUTES'])('the surroundings of a cluster', () => {
  let cluster: Cluster
  let reference: Reference
  let nodes: ClusterNode[]
  let instance: PlacedInstance
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'exo-surroundings-'))
    cluster = await Cluster.create(SPARE_HOST)
    reference = await clusterReferenceAnswers(cluster, HOSTS, [QUESTION])
  })
  afterEach(async (context) => {
    if (process.env['EXO_LOGS'] || context.task.result?.state === 'fail') console.log(cluster.output())
    await cluster.close()
    await rm(folder, { recursive: true, force: true })
  })

  const nodeOf = (rank: number): ClusterNode => nodes.find(({ nodeId }) => nodeId === instance.shards[rank]?.nodeId)!
  const bystander = (): ClusterNode => nodes.find(({ nodeId }) => instance.shards.every((shard) => shard.nodeId !== nodeId))!
  const killRankOne = (): void => {
    for (const pid of nodeOf(1).workers()) process.kill(pid, 'SIGKILL')
  }
  /** Waits until each node has a path to each other one. */
  const whenPaths = (all: readonly ClusterNode[]): Promise<unknown> =>
    whenAll(
      all.slice(0, 1),
      'paths between all',
      ([view]) => new Set(view!.links.map(({ from, to }) => `${from} ${to}`)).size === 6,
      60_000,
    )
  const placeOnTwo = async (): Promise<void> => {
    instance = await place(nodes[0]!, reference.model, { sharding: 'pipeline', min_nodes: 2 })
  }
  const startAll = async (): Promise<void> => {
    nodes = await cluster.startAll(HOSTS, { arguments: START })
    await whenFormed(nodes)
    await placeOnTwo()
  }
  const sameText = async (asked: ClusterNode, breakIt: () => unknown = () => undefined): Promise<number> => {
    let broken: Promise<unknown> = Promise.resolve()
    const answer = await ask(asked.apiUrl, reference.model, QUESTION, (count) => {
      if (count === BREAK_AT_PART) broken = Promise.resolve(breakIt())
    })
    await broken
    expect(answer.text).toBe(reference.answers[0]!.text)
    return answer.longestGapMs
  }

  it.each([HOUR_S, -HOUR_S])(
    'D07: the time of day is set by %i s during an answer, on one machine, then on all',
    { timeout: 600_000 },
    async (jumpS) => {
      const library = join(folder, 'set-clock.so')
      execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, join(import.meta.dirname, '../../harness/set_clock.c'), '-ldl'])
      const shiftOf = (host: number): string => join(folder, `shift-${host}`)
      nodes = await Promise.all(
        HOSTS.map((host) => cluster.start(host, { arguments: START, env: { LD_PRELOAD: library, EXO_CLOCK_SHIFT: shiftOf(host) } })),
      )
      await whenFormed(nodes)
      await placeOnTwo()
      const { leader } = await nodes[0]!.state()
      const gapsMs = [
        await sameText(bystander(), () => writeFile(shiftOf(nodeOf(1).host), String(jumpS))),
        await sameText(bystander(), () => Promise.all(HOSTS.map((host) => writeFile(shiftOf(host), String(-jumpS))))),
        await sameText(bystander(), () => Promise.all(HOSTS.map((host) => writeFile(shiftOf(host), '0')))),
      ]
      reportFigure(`longest gap, clock set by ${jumpS} s`, Math.max(...gapsMs) / 1000, 's')
      expect(Math.max(...gapsMs)).toBeLessThan(5_000)
      await sleep(5_000)
      expect((await nodes[0]!.state()).leader).toEqual(leader)
      for (const node of nodes) expect(node.output()).not.toContain('peer lost')
      expect(nodes[0]!.output()).toContain('shard ready')
    },
  )

  it('small packets on one machine, large ones on another: a model is placed and answers', { timeout: 600_000 }, async () => {
    for (const [host, bytes] of [
      [1, 1280],
      [2, 9000],
      [3, 1500],
    ] as const)
      await cluster.lab.setMtu(host, bytes)
    nodes = await cluster.startAll(HOSTS, { arguments: START })
    await whenFormed(nodes)
    for (const asked of nodes) {
      await placeOnTwo()
      reportFigure('longest gap, mixed MTU', (await sameText(asked)) / 1000, 's')
    }
    for (const node of nodes) expect(node.output()).not.toContain('peer lost')
  })

  it('a resolver that never answers holds up no start, no answer and no page', { timeout: 600_000 }, async () => {
    await cluster.lab.silenceResolver(SPARE_HOST)
    await startAll()
    const [asked] = nodes as [ClusterNode]
    reportFigure('start without a resolver', Math.max(...nodes.map(({ startedMs, listeningMs }) => listeningMs - startedMs)) / 1000, 's')
    const unknown = Array.from({ length: 8 }, async (_, index) => {
      const askedMs = performance.now()
      const { status } = await post(asked.apiUrl, '/v1/completions', { model: `some/model-${index}`, prompt: 'a', max_tokens: 1 })
      return { status, tookMs: performance.now() - askedMs }
    })
    const waitsMs: number[] = []
    const timed = async (work: () => Promise<unknown>): Promise<void> => {
      const sinceMs = performance.now()
      await work()
      waitsMs.push(performance.now() - sinceMs)
    }
    for (let turn = 0; turn < 5; turn += 1) {
      for (const path of ['/healthz', '/v1/models', '/state', '/settings']) await timed(() => get(asked.apiUrl, path))
      await sleep(500)
    }
    reportFigure('longest wait for a page while eight lookups hang', Math.max(...waitsMs) / 1000, 's')
    expect(Math.max(...waitsMs)).toBeLessThan(5_000)
    reportFigure('longest gap while eight lookups hang', (await sameText(asked)) / 1000, 's')
    const ends = await Promise.all(unknown)
    reportFigure('longest request for a model that only the hub may know', Math.max(...ends.map(({ tookMs }) => tookMs)) / 1000, 's')
    for (const { status, tookMs } of ends) {
      expect(status).toBeGreaterThanOrEqual(400)
      expect(tookMs).toBeLessThan(HUB_LIMIT_MS)
    }
  })

  it.each(['one rank', 'the leader', 'all'])('D08: %s asleep for a minute', { timeout: 600_000 }, async (who) => {
    await startAll()
    const { leader } = await nodes[0]!.state()
    const sleepers =
      who === 'all' ? nodes : who === 'one rank' ? [nodeOf(1)] : [nodes.find(({ nodeId }) => nodeId === leader?.nodeId) ?? nodes[0]!]
    const asked = nodes.find((node) => who === 'all' || !sleepers.includes(node))!
    const gapMs = await sameText(asked, async () => {
      await Promise.all(sleepers.map(({ host }) => cluster.lab.kill(host, 'SIGSTOP')))
      await sleep(ASLEEP_MS)
      await Promise.all(sleepers.map(({ host }) => cluster.lab.kill(host, 'SIGCONT')))
    })
    const ownGapMs = gapMs - (who === 'all' ? ASLEEP_MS : 0)
    reportFigure(`longest gap, ${who} asleep`, ownGapMs / 1000, 's')
    expect(ownGapMs).toBeLessThan(GAP_LIMIT_MS)
    await whenOneCluster(nodes, 60_000)
    await sameText(nodes[0]!)
  })

  it.each(['its own IPv6 addresses', 'link-local IPv6 only'])(
    'with %s and no IPv4, the cluster forms and shares a model',
    { timeout: 600_000 },
    async (what) => {
      for (const host of HOSTS) {
        await cluster.lab.dropIpv4(host)
        if (what === 'link-local IPv6 only') await cluster.lab.keepLinkLocal(host)
      }
      nodes = await cluster.startAll(HOSTS, { arguments: START })
      await whenOneCluster(nodes)
      instance = await place(nodes[0]!, reference.model)
      for (const asked of nodes) await sameText(asked)
      await remove(nodes[0]!, instance.instanceId)
      await whenPaths(nodes)
      await placeOnTwo()
      expect(instance.shards).toHaveLength(2)
      for (const asked of nodes) await sameText(asked)
      const { links } = await nodes[0]!.state()
      const isExpected = what === 'link-local IPv6 only' ? /^fe80:.*%eth0$/ : /^(fd77|fe80):/
      for (const { address } of links) expect(address).toMatch(isExpected)
      reportFigure(`longest gap, the worker of rank 1 killed, ${what}`, (await sameText(bystander(), killRankOne)) / 1000, 's')
    },
  )
})
