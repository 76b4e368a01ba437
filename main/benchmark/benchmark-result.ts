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
  /** Median over the rates of the individual requests. */
  decodeTokensPerSecond: Figure,
  /** Answered tokens of all requests, divided by the total time. */
  totalTokensPerSecond: Figure,
  ttftMs: PercentileFigures,
  interTokenMs: PercentileFigures,
  /** By node, for the nodes that report it. */
  peakMemoryBytes: z.record(z.string(), z.number()).nullable(),
  /** Bytes exchanged between the ranks during the case. */
  linkBytes: Figure,
  /** The reason why there are no figures, or else the first failure. */
  error: z.string().nullable(),
})
export type BenchmarkRow = z.infer<typeof BenchmarkRow>

/** The output of `exo bench --json`, which `--baseline` reads, without the ratios. */
export const BenchmarkResult = z.object({
  name: z.string(),
  startedAt: z.string(),
  url: z.string(),
  rows: z.array(BenchmarkRow),
})
export type BenchmarkResult = z.infer<typeof BenchmarkResult>
