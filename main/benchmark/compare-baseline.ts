import type { BenchmarkResult, BenchmarkRow } from './benchmark-result.ts'

/** Now over then; null where one of them is not known. Above 1 is more: better for rates, worse for times. */
export interface BaselineRatios {
  readonly prefillRatio: number | null
  readonly decodeRatio: number | null
  readonly totalRatio: number | null
  readonly ttftRatio: number | null
}

/** For each row the ratios to the same case of an earlier result; null: it has no such case. */
export function compareBaseline(result: BenchmarkResult, baseline: BenchmarkResult): (BaselineRatios | null)[] {
  // Servers name a model each in their own way: where each result has one, they are meant to be compared.
  const isOneModelEach = [result, baseline].every(({ rows }) => new Set(rows.map(({ model }) => model)).size === 1)
  const keyOf = ({ model, strategy, backend, outputTokens, concurrency }: BenchmarkRow): string =>
    JSON.stringify([isOneModelEach ? '' : model, strategy, backend, outputTokens, concurrency])
  const isSamePrompt = (a: BenchmarkRow, b: BenchmarkRow): boolean =>
    Math.abs(a.promptTokens - b.promptTokens) <= Math.max(2, 0.05 * b.promptTokens)
  return result.rows.map((row) => {
    const before = baseline.rows.find((other) => keyOf(other) === keyOf(row) && isSamePrompt(row, other))
    if (!before) return null
    return {
      prefillRatio: ratio(row.prefillTokensPerSecond, before.prefillTokensPerSecond),
      decodeRatio: ratio(row.decodeTokensPerSecond, before.decodeTokensPerSecond),
      totalRatio: ratio(row.totalTokensPerSecond, before.totalTokensPerSecond),
      ttftRatio: ratio(row.ttftMs?.p50 ?? null, before.ttftMs?.p50 ?? null),
    }
  })
}

const ratio = (now: number | null, before: number | null): number | null =>
  now === null || before === null || before === 0 ? null : now / before
