import type { BenchmarkResult, BenchmarkRow } from './benchmark-result.ts'

/** The current value divided by the earlier one; null if either is unknown. A ratio above 1 is better for rates and worse for times. */
export interface BaselineRatios {
  readonly prefillRatio: number | null
  readonly decodeRatio: number | null
  readonly totalRatio: number | null
  readonly ttftRatio: number | null
}

/** The ratios of each row to the same case of an earlier result; null: that result does not have the case. */
export function compareBaseline(result: BenchmarkResult, baseline: BenchmarkResult): (BaselineRatios | null)[] {
  // Servers use different names for a model: if each result has only one model, the two are compared.
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
