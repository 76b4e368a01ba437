import { execFileSync } from 'node:child_process'
import { z } from 'zod'
import { GenerationSpec, type Pooling } from '../../main/shared/inference/generation.ts'
import type { Shard } from '../index.ts'
import { collectEvents } from './compare-shard.ts'

const script = new URL('embed_mlx_lm.py', import.meta.url).pathname
const Vector = z.array(z.number()).min(1)
const Prompts = z.array(z.object({ tokens: z.array(z.int()), first: Vector, last: Vector, mean: Vector }))
export type EmbeddedPrompts = z.infer<typeof Prompts>
const Embedded = z.object({ model: z.string(), prompts: Prompts })

const POOLINGS = ['first', 'last', 'mean'] as const
const LEAST_COSINE = 0.9999

/**
 * Embeddings by mlx-lm, by model.
 *
 * @param python - one that has mlx-lm
 */
export function embedByMlxLm(python: string, folders: readonly string[]): Map<string, EmbeddedPrompts> {
  if (folders.length === 0) return new Map()
  const lines = execFileSync(python, [script, ...folders], { encoding: 'utf8' })
    .trim()
    .split('\n')
  return new Map(lines.map((line) => Embedded.parse(JSON.parse(line))).map(({ model, prompts }) => [model, prompts]))
}

/** The engine's embeddings of the same prompts point the same way. */
export async function compareEmbeddings(
  shard: Pick<Shard, 'generate'>,
  prompts: EmbeddedPrompts,
): Promise<{ readonly hasPassed: boolean; readonly figures: string }> {
  const cosines = await Promise.all(
    prompts.flatMap((prompt, index) =>
      POOLINGS.map(async (pooling) => cosine(await embed(shard, prompt.tokens, pooling, `embed-${index}-${pooling}`), prompt[pooling])),
    ),
  )
  const least = Math.min(...cosines)
  return { hasPassed: least > LEAST_COSINE, figures: `${cosines.length} embeddings, cosine at least ${least.toFixed(7)}` }
}

async function embed(shard: Pick<Shard, 'generate'>, tokens: readonly number[], pooling: Pooling, id: string): Promise<readonly number[]> {
  const spec = GenerationSpec.parse({
    generationId: id,
    promptTokenIds: tokens,
    maxTokens: 0,
    stopTokenIds: [],
    sampling: { temperature: 0, seed: '0' },
    pooling,
  })
  const events = await collectEvents(shard, spec)
  return events.flatMap((event) => (event.type === 'embedding' ? event.vector : []))
}

function cosine(left: readonly number[], right: readonly number[]): number {
  if (left.length !== right.length) return 0
  const product = left.reduce((sum, value, index) => sum + value * (right[index] ?? 0), 0)
  return product / (Math.hypot(...left) * Math.hypot(...right))
}
