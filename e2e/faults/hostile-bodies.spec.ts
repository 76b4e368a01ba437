import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { freePorts } from '../../main/platform/network/free-ports.ts'
import { get } from '../node/call-api.ts'
import { defaultModel } from '../node/default-model.ts'
import { reportFigure } from '../node/report-figure.ts'
import { runProgram } from '../node/run-exo.ts'
import { type RunningExo, startExo } from '../node/start-exo.ts'

const KEY = 'a key for hostile bodies'
const MOST_BYTES = 16 * 2 ** 20 - 400
/** The aim on two quiet cores; a loaded test machine gets more time. */
const AIM_MS = 200
const LIMIT_MS = 1500

const filled = (head: string, element: string, tail: string): string =>
  head + `${element},`.repeat(Math.floor((MOST_BYTES - head.length - tail.length) / (element.length + 1)) - 1) + element + tail

/** Bodies that are meant to block a node. */
const BODIES: readonly (readonly [name: string, path: string, body: (model: string) => string])[] = [
  ['numbers that are no token ids', '/v1/completions', (model) => filled(`{"model":"${model}","prompt":[`, '1.5', ']}')],
  ['objects for a prompt', '/v1/completions', (model) => filled(`{"model":"${model}","prompt":[`, '{}', ']}')],
  ['2 million token ids', '/v1/completions', (model) => `{"model":"${model}","prompt":[${'12345,'.repeat(2_000_000)}1]}`],
  ['a million token ids', '/v1/completions', (model) => `{"model":"${model}","prompt":[${'12345,'.repeat(1_000_000)}1]}`],
  [
    'a million wrong keys',
    '/v1/completions',
    (model) =>
      `{"model":"${model}","prompt":"x","logit_bias":{${Array.from({ length: 1_100_000 }, (_, index) => `"k${index}":1`).join(',')}}}`,
  ],
  ['wrong messages', '/v1/chat/completions', (model) => filled(`{"model":"${model}","messages":[`, '{"role":7}', ']}')],
  [
    'wrong parts',
    '/v1/messages',
    (model) => filled(`{"model":"${model}","max_tokens":1,"messages":[{"role":"user","content":[`, '{"type":"x"}', ']}]}'),
  ],
  ['wrong items', '/v1/responses', (model) => filled(`{"model":"${model}","input":[`, 'null', ']}')],
  ['wrong tools', '/ollama/api/chat', (model) => filled(`{"model":"${model}","messages":[],"tools":[`, '[]', ']}')],
  ['depth', '/v1/chat/completions', (model) => `{"model":"${model}","messages":${'['.repeat(4_000_000)}${']'.repeat(4_000_000)}}`],
  ['one word of 4 MiB', '/v1/completions', (model) => `{"model":"${model}","max_tokens":1,"prompt":"${'a'.repeat(4 << 20)}"}`],
  [
    '4 million spaces',
    '/v1/chat/completions',
    (model) => `{"model":"${model}","max_tokens":1,"messages":[{"role":"user","content":"${' '.repeat(4_000_000)}"}]}`,
  ],
  ['a word of 600 KB', '/v1/completions', (model) => `{"model":"${model}","max_tokens":1,"prompt":"${'a'.repeat(600_000)}"}`],
]

describe('C2, C3: hostile bodies', () => {
  let folder: string
  let nodes: RunningExo[] = []
  let model: string
  let bodies = 0

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'exo-hostile-'))
    const [first = 0, second = 0] = await freePorts(2)
    const start = (own: number, other: number, ...more: string[]): Promise<RunningExo> =>
      startExo({
        arguments: ['--cluster', 'hostile', '--cluster-key', KEY, '--peer-port', String(own), '--peer', `127.0.0.1:${other}`, ...more],
        env: { NODE_OPTIONS: '--inspect-port=127.0.0.1:0' },
        awaitModel: more.length === 0,
        timeoutMs: 120_000,
      })
    nodes = [await start(first, second)]
    nodes.push(await start(second, first, '--no-default-model'))
    model = (await defaultModel(nodes[0]!)).model
    await vi.waitFor(async () => expect(await sizes()).toEqual([2, 2]), { timeout: 30_000, interval: 200 })
  })
  afterAll(async () => {
    await Promise.all(nodes.map((node) => node.stop()))
    await rm(folder, { recursive: true, force: true })
  })

  const sizes = (): Promise<number[]> =>
    Promise.all(nodes.map(async ({ apiUrl }) => Object.keys((await get(apiUrl, '/state')).body.nodes as object).length))
  const expectNoLoss = async (): Promise<void> => {
    expect(nodes.map((node) => /peer lost/.exec(node.output())?.[0] ?? null)).toEqual([null, null])
    expect(await sizes()).toEqual([2, 2])
  }

  /** Uses another process: sending the bodies from here would delay the measurements. */
  async function send(path: string, body: string): Promise<number> {
    const file = join(folder, `body-${++bodies}.json`)
    await writeFile(file, body)
    const { stdout } = await runProgram('curl', [
      '-s',
      '-o',
      '/dev/null',
      '-w',
      '%{http_code}',
      '-H',
      'content-type: application/json',
      '--data-binary',
      `@${file}`,
      nodes[0]!.apiUrl + path,
    ])
    return Number(stdout)
  }

  /** The slowest answer of /healthz while `work` goes on. */
  async function slowestHealthMs(work: Promise<unknown>): Promise<number> {
    let isDone = false
    const done = work.finally(() => (isDone = true))
    let slowest = 0
    while (!isDone) {
      const startMs = performance.now()
      expect((await get(nodes[0]!.apiUrl, '/healthz')).status).toBe(200)
      slowest = Math.max(slowest, performance.now() - startMs)
      await sleep(10)
    }
    await done
    return slowest
  }

  it('hold up neither /healthz nor the links', async () => {
    let worst = 0
    for (const [name, path, body] of BODIES) {
      let status = 0
      const slowest = await slowestHealthMs(send(path, body(model)).then((answered) => (status = answered)))
      reportFigure(`/healthz during ${name}`, slowest, 'ms')
      worst = Math.max(worst, slowest)
      expect([name, status]).toEqual([name, 400])
    }
    reportFigure(`/healthz at its slowest (aim: ${AIM_MS} ms)`, worst, 'ms')
    expect(worst).toBeLessThan(LIMIT_MS)
    await expectNoLoss()
  }, 300_000)

  it('do not let a short prompt wait behind a long word', async () => {
    const long = send('/v1/completions', `{"model":"${model}","max_tokens":1,"prompt":"${'a'.repeat(600_000)}"}`)
    await sleep(50)
    const startMs = performance.now()
    const short = await send('/v1/completions', `{"model":"${model}","max_tokens":1,"prompt":"Hello"}`)
    reportFigure('a short prompt beside a long word', performance.now() - startMs, 'ms')
    expect([short, await long]).toEqual([200, 400])
  })

  it('and ten seconds of busy JavaScript lose no node', async () => {
    const node = nodes[0]!
    process.kill(node.processId, 'SIGUSR1')
    const inspector = await vi.waitFor(
      () => {
        const url = /Debugger listening on (ws:\/\/\S+)/.exec(node.output())?.[1]
        expect(url).toBeDefined()
        return url!
      },
      { timeout: 10_000 },
    )
    const socket = new WebSocket(inspector)
    await once(socket, 'open')
    const startMs = performance.now()
    socket.send(
      JSON.stringify({
        id: 1,
        method: 'Runtime.evaluate',
        params: { expression: 'for (const end = Date.now() + 10000; Date.now() < end;);' },
      }),
    )
    await once(socket, 'message')
    socket.close()
    expect(performance.now() - startMs).toBeGreaterThan(9_900)
    await sleep(3000)
    await expectNoLoss()
  }, 60_000)
})
