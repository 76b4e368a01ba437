import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { stream } from './node/call-api.ts'
import { reportFigure } from './node/report-figure.ts'
import { projectDir } from './node/run-exo.ts'
import type { RunningExo } from './node/start-exo.ts'
import { useDefaultNode } from './node/use-default-node.ts'

const ROWS = 10_000
const WINDOW_MS = 1_500
const WINDOWS = 20
const APPENDER = join(projectDir, 'main', 'history', '__fixtures__', 'append-steadily.ts')

let node: RunningExo
let model: string
let folder: string
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'exo-history-cost-'))))
afterAll(() => rm(folder, { recursive: true, force: true }))
useDefaultNode((started) => void ({ node, model } = started))

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN

it('10,000 inferences are recorded while one answers: what that costs the answer', { timeout: 300_000 }, async () => {
  let tokens = 0
  const ended = new AbortController()
  const answer = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      const body = { model, prompt: 'Once upon a time', max_tokens: 4_000, ignore_eos: true, stream: true, temperature: 0 }
      for await (const _part of stream(node.apiUrl, '/v1/completions', body, ended.signal)) tokens += 1
    }
  }
  const answering = answer().catch((error: unknown) => {
    if (!ended.signal.aborted) throw error
  })
  const tokensPerSecond = async (): Promise<number> => {
    const [before, startMs] = [tokens, performance.now()]
    await new Promise((resolve) => setTimeout(resolve, WINDOW_MS))
    return (1000 * (tokens - before)) / (performance.now() - startMs)
  }
  const appender = spawn(process.execPath, [APPENDER, folder, `${ROWS}`, `${Math.round((1000 * ROWS) / (WINDOWS * WINDOW_MS))}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  let said = ''
  appender.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
  await once(appender.stdout, 'data')
  const group = -(appender.pid ?? 0)
  const [alone, beside]: [number[], number[]] = [[], []]
  for (let window = 0; window < WINDOWS; window++) {
    process.kill(group, 'SIGSTOP')
    alone.push(await tokensPerSecond())
    process.kill(group, 'SIGCONT')
    beside.push(await tokensPerSecond())
  }
  ended.abort()
  await answering
  await once(appender, 'close')
  const { processorSeconds } = JSON.parse(said.trim().split('\n').at(-1) ?? '') as { processorSeconds: number }
  reportFigure('decode while 10,000 inferences are recorded in half a minute', (100 * median(beside)) / median(alone), '% of that without')
  reportFigure('processor time of 10,000 recorded inferences, DuckDB included', processorSeconds, 's')
  expect(tokens).toBeGreaterThan(100)
  expect(processorSeconds).toBeLessThan(30)
})
