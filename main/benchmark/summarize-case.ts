import type { BenchmarkCase } from './benchmark-config.ts'
import type { BenchmarkRow } from './benchmark-result.ts'
import type { RequestFigures } from './measure-arrivals.ts'
import { median, percentiles } from './statistics.ts'

/** Concurrent requests; a failed one is represented by its message. */
export type BenchmarkRound = readonly (RequestFigures | string)[]

const isFigures = (outcome: RequestFigures | string): outcome is RequestFigures => typeof outcome !== 'string'

export function summarizeCase(
  benchmarkCase: BenchmarkCase,
  rounds: readonly BenchmarkRound[],
  usage: Pick<BenchmarkRow, 'peakMemoryBytes' | 'linkBytes'>,
): BenchmarkRow {
  const outcomes = rounds.flat()
  const figures = outcomes.filter(isFigures)
  const failures = outcomes.filter((outcome) => typeof outcome === 'string')
  const wallMs = rounds.reduce((total, round) => {
    const answered = round.filter(isFigures)
    return answered.length === 0
      ? total
      : total + Math.max(...answered.map(({ endMs }) => endMs)) - Math.min(...answered.map(({ startMs }) => startMs))
  }, 0)
  const answeredTokens = figures.reduce((total, { completionTokens }) => total + completionTokens, 0)
  return {
    ...benchmarkCase,
    // Uses the server's count, because words are not tokens.
    promptTokens: Math.round(median(figures.map(({ promptTokens }) => promptTokens)) ?? benchmarkCase.promptTokens),
    requests: outcomes.length,
    failed: failures.length,
    prefillTokensPerSecond: median(figures.map(({ prefillTokensPerSecond }) => prefillTokensPerSecond)),
    decodeTokensPerSecond: median(figures.flatMap(({ decodeTokensPerSecond }) => decodeTokensPerSecond ?? [])),
    totalTokensPerSecond: wallMs > 0 ? (1000 * answeredTokens) / wallMs : null,
    ttftMs: percentiles(figures.map(({ ttftMs }) => ttftMs)),
    interTokenMs: percentiles(figures.flatMap(({ interTokenMs }) => interTokenMs)),
    ...usage,
    error: failures[0] ?? null,
  }
}
