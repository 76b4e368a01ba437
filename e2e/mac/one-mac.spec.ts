import { execFileSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ClusterView } from '../../main/shared/cluster-view.ts'
import { ask, type Question } from '../cluster/lab/ask.ts'
import { get } from '../node/call-api.ts'
import { defaultModel } from '../node/default-model.ts'
import { workersOf } from '../node/processes.ts'
import { reportFigure } from '../node/report-figure.ts'
import { runExo } from '../node/run-exo.ts'
import { type RunningExo, startExo } from '../node/start-exo.ts'
import { type Pair, startPair } from './start-pair.ts'

const QUESTION: Question = { prompt: 'Once upon a time, in a machine room,', temperature: 0, maxTokens: 48 }
const LONG_QUESTION: Question = { prompt: 'The machine room was dark, and nobody had been there for years. '.repeat(400), temperature: 0 }
const BREAK_AT_PART = 8
/** Longer than macOS lets work of the GPU wait. */
const PAUSE_MS = 8_000

/** `npm test -- mac` on a Mac with Apple Silicon. */
describe('one Mac', () => {
  let node: RunningExo
  let model: string

  beforeAll(async () => {
    node = await startExo({ arguments: ['--log-format', 'json', '--log-level', 'debug'] })
    ;({ model } = await defaultModel(node))
  })
  afterAll(async () => void (await node?.stop()))

  it('computes on its GPU', () => {
    expect(node.output()).toContain('"device":"gpu"')
  })

  it('is warm when it is ready: the first answer begins as soon as later ones', async () => {
    const firstTokenMs = async (question: Question): Promise<number> => {
      const startedMs = performance.now()
      let firstMs = 0
      await ask(node.apiUrl, model, question, (count) => {
        if (count === 1) firstMs = performance.now() - startedMs
      })
      return firstMs
    }
    const first = await firstTokenMs(QUESTION)
    const later = await firstTokenMs({ ...QUESTION, prompt: 'Another text, which the cache does not know, begins like this:' })
    reportFigure('first token of the first answer', first, 'ms')
    reportFigure('first token of a later answer', later, 'ms')
    expect(first).toBeLessThan(2_000)
  })

  it('answers alike alone and in company, and after a long prompt', async () => {
    const alone = await ask(node.apiUrl, model, QUESTION)
    const together = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(() => ask(node.apiUrl, model, QUESTION)))
    expect(together.map(({ text }) => text)).toEqual(together.map(() => alone.text))
    const long = await ask(node.apiUrl, model, LONG_QUESTION)
    expect((await ask(node.apiUrl, model, LONG_QUESTION)).text).toBe(long.text)
  })

  it('places no more than its GPU may use', async () => {
    const [own] = Object.values(((await get(node.apiUrl, '/state')).body as ClusterView).nodes)
    const limitMb = Number(execFileSync('sysctl', ['-n', 'iogpu.wired_limit_mb'], { encoding: 'utf8' }))
    expect(own?.availableBytes).toBeLessThanOrEqual(limitMb > 0 ? limitMb * 2 ** 20 : (own?.totalBytes ?? 0) * 0.76)
    expect(node.output()).not.toContain('[METAL]')
  })

  it('stays awake while a model is loaded', () => {
    expect(execFileSync('pmset', ['-g', 'assertions'], { encoding: 'utf8' })).toMatch(/caffeinate|exo/)
  })

  it('passes the trial of exo doctor', async () => {
    const { stdout } = await runExo(['doctor', '--full', '--json', '--data-dir', node.dataDir], { timeoutMs: 600_000 })
    const { checks } = JSON.parse(stdout.slice(0, stdout.lastIndexOf('}') + 1)) as {
      checks: { id: string; state: string; finding: string }[]
    }
    const failed = checks.filter(({ id, state }) => id.startsWith('trial-') && state === 'problem')
    expect(failed.map(({ id, finding }) => `${id}: ${finding}`)).toEqual([])
  }, 600_000)
})

describe('two nodes on one Mac', () => {
  let pair: Pair
  let alone: string

  beforeAll(async () => {
    const single = await startExo()
    const { model } = await defaultModel(single)
    alone = (await ask(single.apiUrl, model, QUESTION)).text
    await single.stop()
    pair = await startPair()
  })
  afterAll(() => pair?.stop())

  const workers = (): number[] => pair.nodes.flatMap(({ processId }) => workersOf(processId).map((row) => row.processId))
  const askPair = (onPart?: (count: number) => void) => ask(pair.nodes[0]!.apiUrl, pair.model, QUESTION, onPart)

  it('split a model and answer as one does', async () => {
    expect((await askPair()).text).toBe(alone)
  })

  it.each([0, 1])('wait for each other longer than the GPU may: worker %i pauses for eight seconds', async (paused) => {
    const before = workers()
    const answer = await askPair((count) => {
      if (count !== BREAK_AT_PART) return
      process.kill(before[paused]!, 'SIGSTOP')
      void sleep(PAUSE_MS).then(() => process.kill(before[paused]!, 'SIGCONT'))
    })
    expect(answer.text).toBe(alone)
    expect(workers()).toEqual(before)
  })

  it('go on with an answer when a worker dies', async () => {
    const [, dying] = workers()
    const answer = await askPair((count) => {
      if (count === BREAK_AT_PART) process.kill(dying!, 'SIGKILL')
    })
    reportFigure('longest gap when a worker dies', answer.longestGapMs / 1000, 's')
    expect(answer.text).toBe(alone)
  })
})
