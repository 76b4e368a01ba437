import { z } from 'zod'

/** One value may stand for a list of one. */
const listOf = <Item extends z.ZodType>(item: Item): z.ZodPreprocess<z.ZodArray<Item>> =>
  z.preprocess((value): unknown[] => (Array.isArray(value) ? (value as unknown[]) : [value]), z.array(item).min(1).max(100))

/** The file of `exo bench --config`. Every combination of the lists is one case. */
export const BenchmarkConfig = z.strictObject({
  name: z.string().min(1).max(100).default('benchmark'),
  /** Hub ids, aliases or folders. */
  models: listOf(z.string().min(1)).default(['default']),
  prompt_tokens: listOf(z.int().min(1).max(10_000_000)).default([128]),
  output_tokens: listOf(z.int().min(2).max(10_000_000)).default([64]),
  /** Requests at the same time. */
  concurrency: listOf(z.int().min(1).max(1_024)).default([1]),
  /** auto: the instance that is there, or where the cluster would place it. */
  strategies: listOf(z.enum(['auto', 'pipeline', 'tensor'])).default(['auto']),
  backends: listOf(z.enum(['auto', 'ring', 'jaccl'])).default(['auto']),
  /** How often all requests of a case are made and counted … */
  repeats: z.int().min(1).max(10_000).default(3),
  /** … after this many warm-up runs. */
  warmup: z.int().min(0).max(1_000).default(1),
  endpoint: z.enum(['completions', 'chat']).default('completions'),
  timeout_seconds: z.number().gt(0).max(86_400).default(600),
  /** Other seeds draw other prompts. */
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

/** All cases, those of one placement side by side so that it is made once. */
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
