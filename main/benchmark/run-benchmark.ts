import type { Clock } from '../platform/clock.ts'
import { withinTime } from '../platform/waiting/within-time.ts'
import { AppError, errorMessage } from '../shared/app-error.ts'
import { type BenchmarkCase, benchmarkCases, type BenchmarkConfig } from './benchmark-config.ts'
import type { BenchmarkResult, BenchmarkRow } from './benchmark-result.ts'
import type { BenchmarkTarget, PreparedModel } from './benchmark-target.ts'
import { makeTextPrompt, makeTokenPrompt } from './make-prompt.ts'
import { measureArrivals } from './measure-arrivals.ts'
import { type BenchmarkRequest, sendRequest } from './send-request.ts'
import { type BenchmarkRound, summarizeCase } from './summarize-case.ts'

export interface BenchmarkProgress {
  readonly benchmarkCase: BenchmarkCase
  /** Counts from 1. */
  readonly caseNumber: number
  readonly cases: number
  /** Null while the model is being prepared. */
  readonly round: { readonly number: number; readonly of: number; readonly isWarmup: boolean } | null
}

export interface BenchmarkDependencies {
  readonly target: BenchmarkTarget
  readonly clock: Clock
  readonly onProgress: (progress: BenchmarkProgress) => void
  readonly onRow: (row: BenchmarkRow) => void
}

/** The prompt format that a server accepts, determined by the first request. */
interface Dialect {
  readonly ignoreEos: boolean
  readonly wordsPerToken: number
}

/**
 * Runs every case of the configuration in order. A case that fails becomes a row with the reason.
 *
 * @throws only the signal's reason
 */
export async function runBenchmark(
  config: BenchmarkConfig,
  { target, clock, onProgress, onRow }: BenchmarkDependencies,
  signal: AbortSignal,
): Promise<BenchmarkResult> {
  const startedAt = new Date(clock.epochMs()).toISOString()
  const cases = benchmarkCases(config)
  const rows: BenchmarkRow[] = []
  let prompts = 0
  let prepared: { readonly key: string; readonly model: PreparedModel } | null = null

  const prepare = async (benchmarkCase: BenchmarkCase): Promise<PreparedModel> => {
    const { model, strategy, backend } = benchmarkCase
    const key = JSON.stringify([model, strategy, backend])
    if (prepared?.key === key) return prepared.model
    await release()
    prepared = { key, model: await target.prepare({ model, strategy, backend }, signal) }
    return prepared.model
  }
  const release = async (): Promise<void> => {
    await prepared?.model.release()
    prepared = null
  }
  const answer = async (request: BenchmarkRequest) => {
    const late = (): AppError => new AppError('timeout', `No complete answer within ${config.timeout_seconds} s.`)
    return withinTime((inTime) => sendRequest(target, request, clock, inTime), config.timeout_seconds * 1000, late, clock, signal)
  }
  const requestOf = (benchmarkCase: BenchmarkCase, model: PreparedModel, { ignoreEos, wordsPerToken }: Dialect): BenchmarkRequest => {
    const { promptTokens, outputTokens } = benchmarkCase
    const promptIndex = ++prompts
    const takesTokens = model.vocabSize !== null && config.endpoint === 'completions'
    const prompt = takesTokens
      ? makeTokenPrompt(config.seed, promptIndex, promptTokens, model.vocabSize ?? 0)
      : makeTextPrompt(config.seed, promptIndex, Math.max(1, Math.round(promptTokens * wordsPerToken)))
    return { endpoint: config.endpoint, model: benchmarkCase.model, prompt, outputTokens, ignoreEos }
  }
  /** Sends one request for a single token, which also loads the model. */
  const learnDialect = async (benchmarkCase: BenchmarkCase, model: PreparedModel): Promise<Dialect> => {
    const probe = async (ignoreEos: boolean): Promise<Dialect> => {
      const request = { ...requestOf(benchmarkCase, model, { ignoreEos, wordsPerToken: 1 }), outputTokens: 1 }
      const { promptTokens } = await answer(request)
      return { ignoreEos, wordsPerToken: promptTokens === null ? 1 : benchmarkCase.promptTokens / promptTokens }
    }
    return probe(true).catch((error: unknown) => {
      const status = error instanceof AppError ? error.details['status'] : undefined
      if (status !== 400 && status !== 422) throw error
      return probe(false)
    })
  }
  const runRound = (benchmarkCase: BenchmarkCase, model: PreparedModel, dialect: Dialect): Promise<BenchmarkRound> =>
    Promise.all(
      Array.from({ length: benchmarkCase.concurrency }, async () => {
        try {
          return (
            measureArrivals(await answer(requestOf(benchmarkCase, model, dialect)), benchmarkCase.promptTokens) ?? 'The answer was empty.'
          )
        } catch (error) {
          signal.throwIfAborted()
          return errorMessage(error)
        }
      }),
    )
  const runCase = async (benchmarkCase: BenchmarkCase, report: (round: BenchmarkProgress['round']) => void): Promise<BenchmarkRow> => {
    report(null)
    const model = await prepare(benchmarkCase)
    const dialect = await learnDialect(benchmarkCase, model)
    for (let number = 1; number <= config.warmup; number++) {
      report({ number, of: config.warmup, isWarmup: true })
      await runRound(benchmarkCase, model, dialect)
    }
    const before = await target.usage()
    const rounds: BenchmarkRound[] = []
    for (let number = 1; number <= config.repeats; number++) {
      report({ number, of: config.repeats, isWarmup: false })
      rounds.push(await runRound(benchmarkCase, model, dialect))
    }
    const { peakMemoryBytes, linkBytes } = await target.usage()
    const sentBytes = linkBytes === null || before.linkBytes === null ? null : linkBytes - before.linkBytes
    return summarizeCase(benchmarkCase, rounds, { peakMemoryBytes: peakMemoryBytes && { ...peakMemoryBytes }, linkBytes: sentBytes })
  }

  try {
    for (const [index, benchmarkCase] of cases.entries()) {
      const report = (round: BenchmarkProgress['round']): void =>
        onProgress({ benchmarkCase, caseNumber: index + 1, cases: cases.length, round })
      const row = await runCase(benchmarkCase, report).catch((error: unknown) => {
        signal.throwIfAborted()
        return { ...summarizeCase(benchmarkCase, [], { peakMemoryBytes: null, linkBytes: null }), error: errorMessage(error) }
      })
      rows.push(row)
      onRow(row)
    }
  } finally {
    await release()
  }
  return { name: config.name, startedAt, url: target.url, rows }
}
