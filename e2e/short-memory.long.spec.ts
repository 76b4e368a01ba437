// Clients of every API ask for three models where memory holds two, while others load, unload, pin and hang up.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { errorFacts, isErrorCode } from '../main/shared/error-codes.ts'
import { get, post } from './node/call-api.ts'
import { defaultModelFile } from './node/default-model.ts'
import { reportFigure } from './node/report-figure.ts'
import { runExo } from './node/run-exo.ts'
import { type RunningExo, startExo } from './node/start-exo.ts'

const SECONDS = Number(process.env['EXO_STRESS_SECONDS'] ?? 180)
const CLIENTS = 6
const ANSWER_LIMIT_MS = 120_000
const MODELS = ['exo/first', 'exo/second', 'exo/third']
const PROMPTS = ['Once upon a time', 'The capital of France is', 'One, two, three,']

interface Question {
  readonly model: string
  readonly prompt: string
  readonly stream: boolean
  /** `keep_alive` or `ttl`. */
  readonly keep: object
}

interface Api {
  readonly path: string
  readonly body: (question: Question) => object
  /** The text of a whole answer. */
  readonly text: (answer: any) => unknown
  /** The text in an event or a line of a stream. */
  readonly delta: (event: any) => unknown
  readonly isEnd: (lines: readonly string[]) => boolean
}

const messages = (prompt: string): object[] => [{ role: 'user', content: prompt }]
const options = { temperature: 0, num_predict: 6 }
const isDone = (lines: readonly string[]): boolean => lines.at(-1) === '[DONE]'
const isLastLine = (lines: readonly string[]): boolean => JSON.parse(lines.at(-1) ?? '{}').done === true
const APIS: readonly [Api, ...Api[]] = [
  {
    path: '/v1/chat/completions',
    body: ({ model, prompt, stream, keep }) => ({ model, messages: messages(prompt), stream, temperature: 0, max_tokens: 6, ...keep }),
    text: (answer) => answer.choices[0].message.content,
    delta: (event) => event.choices[0]?.delta.content,
    isEnd: isDone,
  },
  {
    path: '/v1/completions',
    body: ({ model, prompt, stream, keep }) => ({ model, prompt, stream, temperature: 0, max_tokens: 6, ...keep }),
    text: (answer) => answer.choices[0].text,
    delta: (event) => event.choices[0]?.text,
    isEnd: isDone,
  },
  {
    path: '/v1/responses',
    body: ({ model, prompt, stream, keep }) => ({
      model,
      input: prompt,
      stream,
      temperature: 0,
      max_output_tokens: 6,
      store: false,
      ...keep,
    }),
    text: (answer) => answer.output[0].content[0].text,
    delta: (event) => (event.type === 'response.output_text.delta' ? event.delta : undefined),
    isEnd: (lines) => /^response\.(completed|incomplete)$/.test(JSON.parse(lines.at(-1) ?? '{}').type),
  },
  {
    path: '/v1/messages',
    body: ({ model, prompt, stream, keep }) => ({ model, messages: messages(prompt), stream, temperature: 0, max_tokens: 6, ...keep }),
    text: (answer) => answer.content[0].text,
    delta: (event) => event.delta?.text,
    isEnd: (lines) => JSON.parse(lines.at(-1) ?? '{}').type === 'message_stop',
  },
  {
    path: '/api/chat',
    body: ({ model, prompt, stream, keep }) => ({ model, messages: messages(prompt), stream, options, ...keep }),
    text: (answer) => answer.message.content,
    delta: (line) => line.message?.content,
    isEnd: isLastLine,
  },
  {
    path: '/api/generate',
    body: ({ model, prompt, stream, keep }) => ({ model, prompt, stream, options, ...keep }),
    text: (answer) => answer.response,
    delta: (line) => line.response,
    isEnd: isLastLine,
  },
]

/** Integers from 0 to below `limit`, the same for the same seed. */
function randomIntegers(seed: number): (limit: number) => number {
  let state = seed * 2_654_435_761
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
}

/** Whether a client waits after this failure and asks again. Ollama's errors have no code. */
function isRetried(code: string | undefined): boolean {
  const own = code?.replaceAll('_', '-')
  return own === undefined || (isErrorCode(own) && errorFacts(own).retry)
}

let node: RunningExo
const counts: Record<string, number> = {}
const faults: string[] = []
const count = (outcome: string): void => void (counts[outcome] = (counts[outcome] ?? 0) + 1)
const fault = (what: string): void => {
  count('fault')
  faults.push(what.slice(0, 600))
}

/** The `data:` of server-sent events, or the lines of Ollama, which blanks precede while a model loads. */
const linesOf = (text: string): string[] =>
  text.split('\n').flatMap((line) => (line.startsWith('data: ') ? [line.slice(6)] : line.trimStart().startsWith('{') ? [line] : []))

function judgeRefusal(asked: string, status: number, headers: Headers, text: string): void {
  const code = /"code":\s*"([^"]+)"/.exec(text)?.[1]
  if ((status === 503 || status === 429) && headers.get('retry-after') !== null && isRetried(code))
    count(`${status} ${code ?? 'of Ollama'}`)
  else fault(`${asked}: ${status} ${text}`)
}

/** Asks one question and compares the answer with that of a node at rest. */
async function ask(api: Api, question: Question, expected: string, signal: AbortSignal): Promise<void> {
  const asked = `${api.path} ${JSON.stringify(question)}`
  const response = await fetch(node.apiUrl + api.path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(api.body(question)),
    signal,
  })
  const text = await response.text()
  if (response.status !== 200) return judgeRefusal(asked, response.status, response.headers, text)
  const lines = question.stream ? linesOf(text) : []
  const broken = question.stream
    ? lines.find((line) => line !== '[DONE]' && JSON.parse(line).error)
    : JSON.parse(text).error
      ? text
      : undefined
  if (broken !== undefined) {
    const code = /"code":\s*"([^"]+)"/.exec(broken)?.[1]
    if (isRetried(code)) return count(`broken off: ${code ?? 'Ollama'}`)
    return fault(`${asked}: ${broken}`)
  }
  if (question.stream && !api.isEnd(lines)) return fault(`${asked}: the stream has no end: ${text.slice(-300)}`)
  const said = question.stream
    ? lines.flatMap((line) => (line === '[DONE]' ? [] : [api.delta(JSON.parse(line)) ?? ''])).join('')
    : api.text(JSON.parse(text))
  if (said === expected) count('right')
  else fault(`${asked}: said ${JSON.stringify(said)} instead of ${JSON.stringify(expected)}`)
}

/** Loads, unloads or pins a model as the clients of some API do. */
async function meddle(below: (limit: number) => number, signal: AbortSignal): Promise<void> {
  const model = MODELS[below(MODELS.length)] ?? ''
  const calls: readonly (readonly [string, object])[] = [
    ['/api/generate', { model, keep_alive: 0 }],
    ['/api/chat', { model, messages: [], keep_alive: '2s' }],
    ['/api/generate', { model }],
    ['/api/v1/models/load', { model }],
    ['/api/v1/models/unload', { instance_id: model }],
    ['/place_instance', { model_id: model, ...(below(3) === 0 ? {} : { ttl_seconds: 3 }) }],
  ]
  const [path, body] = calls[below(calls.length)] ?? ['', {}]
  const response = await fetch(node.apiUrl + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal,
  })
  const text = await response.text()
  // What is not loaded cannot be unloaded.
  if (response.status < 300 || (response.status === 404 && path.endsWith('unload'))) return count(`meddled ${path}`)
  judgeRefusal(`${path} ${JSON.stringify(body)}`, response.status, response.headers, text)
}

/** Unloads a model at once, even if it is busy, which also ends what pins have kept. */
async function removeInstance(below: (limit: number) => number): Promise<void> {
  const ids = Object.keys((await get(node.apiUrl, '/state')).body.instances)
  const id = ids[below(ids.length)]
  if (id === undefined) return
  const { status } = await fetch(`${node.apiUrl}/instance/${id}`, { method: 'DELETE' })
  if (status === 200 || status === 404) count('removed')
  else fault(`DELETE /instance: ${status}`)
}

beforeAll(async () => {
  node = await startExo({ arguments: ['--no-default-model', '--max-memory', '700MB', '--context', '2048'], awaitModel: false })
  for (const id of MODELS)
    expect((await runExo(['models', 'import', defaultModelFile, '--id', id, '--data-dir', node.dataDir])).status).toBe(0)
})
afterAll(() => node?.stop())

it(
  'G07 models that come and go answer right, or say when to ask again',
  async () => {
    const expected = new Map<string, string>()
    for (const api of APIS)
      for (const prompt of PROMPTS) {
        const { body } = await post(node.apiUrl, api.path, api.body({ model: MODELS[0] ?? '', prompt, stream: false, keep: {} }))
        expected.set(api.path + prompt, String(api.text(body)))
      }
    const endMs = performance.now() + SECONDS * 1000
    let slowestMs = 0

    async function client(seed: number): Promise<void> {
      const below = randomIntegers(seed)
      const one = async (): Promise<void> => {
        const kind = below(20)
        const hangUp = new AbortController()
        const signal = AbortSignal.any([hangUp.signal, AbortSignal.timeout(ANSWER_LIMIT_MS)])
        const api = APIS[below(APIS.length)] ?? APIS[0]
        const prompt = PROMPTS[below(PROMPTS.length)] ?? ''
        const keep = [{}, {}, { keep_alive: '1s' }, { ttl: 3 }, { keep_alive: 0 }][below(5)] ?? {}
        const question = { model: MODELS[below(MODELS.length)] ?? '', prompt, stream: below(2) === 0, keep }
        const answer = expected.get(api.path + prompt) ?? ''
        if (kind === 0) return removeInstance(below)
        if (kind <= 3) return meddle(below, signal)
        if (kind > 6) return ask(api, question, answer, signal)
        const asked = ask(api, question, answer, signal).catch(() => count('hung up'))
        await sleep(below(1500))
        hangUp.abort()
        await asked
      }
      while (performance.now() < endMs) {
        const startMs = performance.now()
        await one().catch((error: unknown) => fault(`${String(error)} after ${Math.round(performance.now() - startMs)} ms`))
        slowestMs = Math.max(slowestMs, performance.now() - startMs)
        await sleep(below(200))
      }
    }
    await Promise.all(Array.from({ length: CLIENTS }, (_, index) => client(index + 1)))
    for (const [outcome, number] of Object.entries(counts)) reportFigure(`short memory, ${outcome}`, number, '')
    reportFigure('short memory, slowest', slowestMs / 1000, 's')
    expect(faults, node.output().slice(-4000)).toEqual([])
    expect(counts['right'] ?? 0).toBeGreaterThan(SECONDS / 10)

    // At rest, each model answers again.
    for (const id of Object.keys((await get(node.apiUrl, '/state')).body.instances))
      await fetch(`${node.apiUrl}/instance/${id}`, { method: 'DELETE' })
    const [api, prompt] = [APIS[0], PROMPTS[0] ?? '']
    for (const model of MODELS) {
      const { status, body } = await post(node.apiUrl, api.path, api.body({ model, prompt, stream: false, keep: {} }))
      expect([status, api.text(body)]).toEqual([200, expected.get(api.path + prompt)])
    }
    // The state of the cluster follows the answers a little later.
    const busy = async (): Promise<number> =>
      Object.values<any>((await get(node.apiUrl, '/state')).body.instances).reduce(
        (sum, { running, waiting }) => sum + running + waiting,
        0,
      )
    await expect.poll(busy, { timeout: 30_000 }).toBe(0)
  },
  (SECONDS + 600) * 1000,
)
