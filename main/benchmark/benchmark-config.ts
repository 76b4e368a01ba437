import { z } from 'zod'

/** Accepts a single value in place of a list of one. */
const listOf = <Item extends z.ZodType>(item: Item): z.ZodPreprocess<z.ZodArray<Item>> =>
  z.preprocess((value): unknown[] => (Array.isArray(value) ? (value as unknown[]) : [value]), z.array(item).min(1).max(100))

/** The file of `exo bench --config`. Every combination of the listed values is one case. */
export const BenchmarkConfig = z.strictObject({
  name: z.string().min(1).max(100).default('benchmark'),
  /** Hub ids, aliases or folders. */
  models: listOf(z.string().min(1)).default(['default']),
  prompt_tokens: listOf(z.int().min(1).max(10_000_000)).default([128]),
  output_tokens: listOf(z.int().min(2).max(10_000_000)).default([64]),
  /** Number of concurrent requests. */
  concurrency: listOf(z.int().min(1).max(1_024)).default([1]),
  /** auto: the existing instance, or the placement that the cluster chooses. */
  strategies: listOf(z.enum(['auto', 'pipeline', 'tensor'])).default(['auto']),
  backends: listOf(z.enum(['auto', 'ring', 'jaccl'])).default(['auto']),
  /** The number of times that all requests of a case are made and counted … */
  repeats: z.int().min(1).max(10_000).default(3),
  /** … after this many warm-up runs. */
  warmup: z.int().min(0).max(1_000).default(1),
  endpoint: z.enum(['completions', 'chat']).default('completions'),
  timeout_seconds: z.number().gt(0).max(86_400).default(600),
  /** Different seeds give different prompts. */
  seed: z.int().min(0).default(1),
})
export type BenchmarkConfig = z.infer<typeof BenchmarkConfig>

export interface BenchmarkCase {
  readonly model: string
  readonly strategy: 'auto' | 'pipeline' | 'tensor'
  readonly backend: 'auto' | 'ring' | 'jaccl'
  readonly promptTokens: number
  readonly outputTokens: number
  readonly concurrency: number
}

/** All cases. Those with the same placement are adjacent, so that it is made only once. */
export function benchmarkCases(config: BenchmarkConfig): BenchmarkCase[] {
  return config.models.flatMap((model) =>
    config.strategies.flatMap((strategy) =>
      config.backends.flatMap((backend) =>
        config.prompt_tokens.flatMap((promptTokens) =>
          config.output_tokens.flatMap((outputTokens) =>
            config.concurrency.map((concurrency) => ({ model, strategy, backend, promptTokens, outputTokens, concurrency })),
          ),
        ),
      ),
    ),
  )
}
