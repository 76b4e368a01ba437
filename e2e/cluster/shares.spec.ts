import { cp, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type HubProcess, sentBytes, startHubProcess } from '../harness/hub-process.ts'
import { get, post } from '../node/call-api.ts'
import { reportFigure } from '../node/report-figure.ts'
import { runProgram } from '../node/run-exo.ts'
import { referencePython } from '../reference/reference-answers.ts'
import { ask, type Question } from './lab/ask.ts'
import type { ClusterNode } from './lab/cluster-node.ts'
import { Cluster, whenAll, whenFormed } from './lab/cluster.ts'
import { place, remove } from './lab/instances.ts'
import { clusterReferenceAnswers } from './lab/reference.ts'

const MODEL = 'test/on-the-hub'
const WEIGHTS = 'model.safetensors'
const HUB_HOST = 3
const QUESTION: Question = { prompt: 'Once upon a time, in a machine room,', temperature: 0, maxTokens: 12 }
const SNAPSHOT = join(import.meta.dirname, '..', 'reference', 'snapshot_offline.py')

/** Two nodes without the model, and a hub that has it and logs every request. */
describe('a model that only the hub has, on two nodes', () => {
  let cluster: Cluster
  let hub: HubProcess
  let nodes: ClusterNode[]
  let text: string
  let weightBytes: number

  const cacheOf = (host: number): string => join(cluster.lab.dataDir(host), 'hub-cache')
  const fetchText = async (url: string): Promise<string> => {
    const child = cluster.lab.run(HUB_HOST, process.execPath, [
      '-e',
      'fetch(process.argv[1]).then((response) => response.text()).then((text) => process.stdout.write(text))',
      url,
    ])
    let answer = ''
    for await (const part of child.stdout.setEncoding('utf8')) answer += part
    return answer
  }
  const python = async (host: number): Promise<Awaited<ReturnType<typeof runProgram>>> =>
    runProgram(await referencePython(), [SNAPSHOT, cacheOf(host), MODEL, 'config.json', WEIGHTS], { env: { HF_HUB_OFFLINE: '1' } })

  beforeAll(async () => {
    cluster = await Cluster.create(HUB_HOST)
    const reference = await clusterReferenceAnswers(cluster, [1], [QUESTION])
    text = reference.answers[0]?.text ?? ''
    const root = join(cluster.lab.dataDir(HUB_HOST), 'hub')
    const models = join(cluster.lab.dataDir(1), 'node', 'models')
    await mkdir(join(root, MODEL, '..'), { recursive: true })
    await cp(join(models, reference.model), join(root, MODEL), { recursive: true })
    weightBytes = (await stat(join(root, MODEL, WEIGHTS))).size
    hub = await startHubProcess(
      { root, port: 8899, host: cluster.lab.address(HUB_HOST) },
      (nodeArguments) => cluster.lab.run(HUB_HOST, process.execPath, nodeArguments),
      fetchText,
    )
    nodes = await Promise.all(
      [1, 2].map((host) =>
        cluster.start(host, {
          folder: 'fresh',
          arguments: ['--no-default-model', '--log-level', 'info'],
          env: { HF_ENDPOINT: hub.url, HF_HUB_CACHE: cacheOf(host), NO_PROXY: '*' },
        }),
      ),
    )
    await whenFormed(nodes)
  })
  afterAll(async () => {
    await cluster?.close()
  })

  it('is fetched in shares: each node its own, the cluster each byte once', async ({ onTestFailed }) => {
    onTestFailed(() => console.log(cluster.output()))
    const instance = await place(nodes[0]!, MODEL, { sharding: 'pipeline', min_nodes: 2 }, 120_000)
    expect(instance.shards).toHaveLength(2)
    const requests = await hub.requests()
    const shares = [1, 2].map((host) => sentBytes(requests, WEIGHTS, cluster.lab.address(host)))
    shares.forEach((bytes, index) =>
      reportFigure(`weights from the hub to node ${index + 1}`, (100 * bytes) / weightBytes, '% of the file'),
    )
    expect(sentBytes(requests, WEIGHTS)).toBe(weightBytes)
    for (const bytes of shares) expect(bytes).toBeLessThan(0.8 * weightBytes)
    for (const node of nodes) expect((await ask(node.apiUrl, MODEL, QUESTION)).text).toBe(text)
    for (const node of nodes) expect(node.output()).toMatch(/savedBytes/)
  })

  it('shows in a trace what each rank did for a token, whichever node was asked', async () => {
    const { traceEvents } = (await get(nodes[1]!.apiUrl, '/trace/last')).body as { traceEvents: { name: string; ph: string }[] }
    const count = (name: string): number => traceEvents.filter((event) => event.ph === 'X' && event.name === name).length
    // Clocks differ slightly, so a step of the previous request may be included.
    for (const name of ['rank 0 decode', 'rank 1 step']) expect(count(name), name).toBeGreaterThanOrEqual(11)
    expect(count('rank 1 waits for the plan')).toBeGreaterThan(0)
  })

  it('is measured with the memory of each node and what the ranks give each other', async () => {
    const file = join(cluster.lab.dataDir(HUB_HOST), 'bench.yaml')
    await writeFile(file, `models: [${MODEL}]\nprompt_tokens: 16\noutput_tokens: 8\nrepeats: 1\nwarmup: 0\n`)
    const { stdout, stderr } = await nodes[0]!.exo('bench', '--config', file, '--json')
    const [row] = (JSON.parse(stdout) as { rows: { failed: number; linkBytes: number; peakMemoryBytes: Record<string, number> }[] }).rows
    expect(row, stderr).toMatchObject({ failed: 0 })
    reportFigure('between the ranks for 16 + 8 tokens', row!.linkBytes / 1e3, 'kB')
    expect(row!.linkBytes).toBeGreaterThan(0)
    expect(Object.keys(row!.peakMemoryBytes).sort()).toEqual(nodes.map(({ nodeId }) => nodeId).sort())
  })

  it('does not look complete while only parts are present', async () => {
    for (const [index, node] of nodes.entries()) {
      const { status, stderr } = await python(index + 1)
      expect([status === 0, stderr.includes('LocalEntryNotFoundError') || stderr.includes('Cannot find')]).toEqual([false, true])
      const { models } = JSON.parse((await node.exo('models', 'ls', '--json')).stdout) as { models: { modelId: string }[] }
      expect(models).toEqual([])
    }
  })

  it('comes whole to a node that pulls it, from the other one, and is complete for Python offline', async ({ onTestFailed }) => {
    onTestFailed(() => console.log(cluster.output()))
    const before = await hub.requests()
    const started = await post(nodes[1]!.apiUrl, '/models/download', { model: MODEL })
    expect(started.status).toBe(200)
    const { id } = started.body.download
    const reportNow = async () => (await get(nodes[1]!.apiUrl, `/models/download/${id}`)).body
    await expect.poll(async () => (await reportNow()).status, { timeout: 60_000, interval: 100 }).not.toBe('running')
    const report = await reportNow()
    expect(report).toMatchObject({ status: 'done', modelId: MODEL })
    reportFigure('saved by having the rest from the other node', report.savedBytes / 1e6, 'MB')
    expect(report.savedBytes).toBeGreaterThan(0.2 * weightBytes)
    expect(sentBytes(await hub.requests(), WEIGHTS)).toBe(sentBytes(before, WEIGHTS))
    const { status, stdout, stderr } = await python(2)
    expect([status, stderr]).toEqual([0, expect.not.stringContaining('Error')])
    const root = join(cluster.lab.dataDir(HUB_HOST), 'hub', MODEL)
    expect((await readFile(join(stdout.trim(), WEIGHTS))).equals(await readFile(join(root, WEIGHTS)))).toBe(true)
  })

  it('serves alone on the node that has it, without the hub', async () => {
    await hub.setFaults({ failStatus: 503, failTimes: 1_000 })
    for (const id of Object.keys((await nodes[1]!.state()).instances)) await remove(nodes[1]!, id)
    await whenAll(nodes, 'nothing loaded', (views) => views.every(({ instances }) => Object.keys(instances).length === 0))
    expect((await ask(nodes[1]!.apiUrl, MODEL, QUESTION)).text).toBe(text)
  })
})
