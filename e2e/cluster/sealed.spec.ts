import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { tokenPrompt } from '../fixtures/token-prompt.ts'
import { whenEnded } from '../harness/when-ended.ts'
import { post } from '../node/call-api.ts'
import { reportFigure } from '../node/report-figure.ts'
import type { ClusterNode } from './lab/cluster-node.ts'
import { Cluster, whenFormed } from './lab/cluster.ts'
import { place, remove } from './lab/instances.ts'
import { type Reference, clusterReferenceAnswers } from './lab/reference.ts'

const HOSTS = [1, 2, 3]
const PROMPT = tokenPrompt(5, 60)
/** Token ids of the prompt, too many to occur by chance in other bytes. */
const NEEDLE = PROMPT.slice(20, 26)

describe('what hosts send each other for a model', () => {
  let cluster: Cluster
  let reference: Reference
  let nodes: ClusterNode[] = []
  beforeAll(async () => {
    cluster = await Cluster.create(HOSTS.length)
    reference = await clusterReferenceAnswers(cluster, HOSTS, [{ prompt: 'The', temperature: 0 }])
  })
  afterEach(async () => {
    if (process.env['EXO_LOGS']) console.log(cluster.output())
    await Promise.all(nodes.map((node) => node.stop()))
    nodes = []
  })
  afterAll(() => cluster?.close())

  async function start(...flags: string[]): Promise<ClusterNode> {
    nodes = await cluster.startAll(HOSTS, { arguments: ['--no-default-model', ...flags] })
    await whenFormed(nodes)
    return nodes[0]!
  }

  /** Starts a script on a host that prints a line when it is ready and ends when its input ends. */
  async function script(host: number, name: string, ...scriptArguments: string[]): Promise<() => Promise<string>> {
    const child = cluster.lab.run(host, 'python3', [join(import.meta.dirname, 'lab', name), ...scriptArguments])
    const ended = whenEnded(child)
    await Promise.race([once(child.stdout, 'data'), ended])
    return async () => {
      child.stdin.end()
      return (await ended).output
    }
  }

  const complete = (node: ClusterNode) =>
    post(node.apiUrl, '/v1/completions', { model: reference.model, prompt: PROMPT, max_tokens: 6, temperature: 0 })

  it.each([
    ['lan', 'pipeline', 2, false],
    ['lan', 'tensor', 3, false],
    ['never', 'pipeline', 2, true],
  ] as const)(
    'B1: with --seal-ring %s, %s over %i, the prompt is there for all to read: %s',
    async (policy, sharding, hostCount, isReadable) => {
      const first = await start('--seal-ring', policy)
      const instance = await place(first, reference.model, { sharding, min_nodes: hostCount })
      const stops = await Promise.all(HOSTS.map((host) => script(host, 'sniff_tokens.py', JSON.stringify(NEEDLE))))
      const { status, body } = await complete(first)
      const seen = await Promise.all(
        stops.map(async (stop) => JSON.parse((await stop()).split('\n').at(-2) ?? '') as { packets: number; hits: number }),
      )
      expect({ status, tokens: body.usage?.completion_tokens }).toEqual({ status: 200, tokens: 6 })
      // A host without a rank sees little traffic.
      expect(seen.filter(({ packets }) => packets > 20).length).toBeGreaterThanOrEqual(hostCount)
      expect(seen.some(({ hits }) => hits > 0)).toBe(isReadable)
      const { stdout } = await first.exo('links')
      expect(
        stdout
          .split('\n')
          .filter((line) => line.includes('10.77.0.'))
          .map((line) => / (yes|no) /.exec(line)?.[1]),
      ).toEqual(Array.from({ length: 6 }, () => (isReadable ? 'no' : 'yes')))
      const { links } = await first.state()
      expect(links.map(({ sealed }) => sealed)).toEqual(Array.from({ length: 6 }, () => !isReadable))
      await remove(first, instance.instanceId)
    },
  )

  it('B1: who connects to every port that begins to listen keeps no group from forming, nor hears a word', async () => {
    const first = await start()
    const usual = await timed(() => place(first, reference.model, { min_nodes: 2 }))
    await remove(first, usual.result.instanceId)
    const stops = await Promise.all(HOSTS.map((host) => script(host, 'connect_to_listeners.py')))
    const withStrangers = await timed(() => place(first, reference.model, { min_nodes: 2 }))
    reportFigure('a pipeline of 2 ready, strangers at every port', withStrangers.seconds, 's')
    reportFigure('a pipeline of 2 ready, nobody else there', usual.seconds, 's')
    expect(withStrangers.result).toMatchObject({ status: 'ready', epoch: 1 })
    // The scanners poll with priority over the ranks. A rank that waits for a stranger would do so for much longer.
    expect(withStrangers.seconds).toBeLessThan(usual.seconds + 20)
    expect((await complete(first)).body.usage?.completion_tokens).toBe(6)
    const printed = await Promise.all(stops.map((stop) => stop()))
    // At least on the hosts of both ranks.
    expect(printed.filter((text) => text.includes('connected')).length).toBeGreaterThanOrEqual(2)
  })
})

async function timed<Result>(act: () => Promise<Result>): Promise<{ readonly result: Result; readonly seconds: number }> {
  const startedMs = performance.now()
  const result = await act()
  return { result, seconds: (performance.now() - startedMs) / 1000 }
}
