import { z } from 'zod'

const Figure = z.number().nullable()
const PercentileFigures = z.strictObject({ p50: z.number(), p95: z.number(), p99: z.number() }).nullable()

/** One case's figures; null: not measured. */
export const BenchmarkRow = z.strictObject({
  model: z.string(),
  strategy: z.string(),
  backend: z.string(),
  promptTokens: z.number(),
  outputTokens: z.number(),
  concurrency: z.number(),
  requests: z.number(),
  failed: z.number(),
  /** Median over requests. */
  prefillTokensPerSecond: Figure,
  /** Median over requests, each for itself. */
  decodeTokensPerSecond: Figure,
  /** Answered tokens of all requests over the time that they took together. */
  totalTokensPerSecond: Figure,
  ttftMs: PercentileFigures,
  interTokenMs: PercentileFigures,
  /** By node; only nodes that report it. */
  peakMemoryBytes: z.record(z.string(), z.number()).nullable(),
  /** What the ranks gave each other during the case. */
  linkBytes: Figure,
  /** Why there are no figures, or the first of the failures. */
  error: z.string().nullable(),
})
export type BenchmarkRow = z.infer<typeof BenchmarkRow>

/** The output of `exo bench --json` without the ratios, which `--baseline` reads. */
export const BenchmarkResult = z.object({
  name: z.string(),
  startedAt: z.string(),
  url: z.string(),
  rows: z.array(BenchmarkRow),
})
export type BenchmarkResult = z.infer<typeof BenchmarkResult>
