import { execFileSync } from 'node:child_process'
import { z } from 'zod'
import { GenerationSpec } from '../../main/shared/inference/generation.ts'
import type { Binding, Shard } from '../index.ts'
import { collectEvents } from './compare-shard.ts'
import { openCounting } from './goals/counting-shard.ts'

const script = new URL('count_mlx_lm.py', import.meta.url).pathname
const Count = z.object({ model: z.string(), primitives: z.int() })
/** The most operations that eight sequences may take, relative to one, unless the budget says otherwise. */
const USUAL_BATCH_RATIO = 1.25
const PROMPT_TOKENS = 40
const BATCH = 8
const MOST_ROUNDS = 6

export interface CountComparison {
  readonly hasPassed: boolean
  readonly figures: string
  /** Of a decode step of one sequence. */
  readonly operations: number
  /** Of a decode step of eight; null if they were not counted. */
  readonly operationsOfEight: number | null
}

/**
 * Counts the operations of mlx-lm's decode step, by model.
 *
 * @param python - a Python with mlx-lm
 */
export function countMlxLm(python: string, folders: readonly string[]): Map<string, number> {
  if (folders.length === 0) return new Map()
  const lines = execFileSync(python, [script, ...folders], { encoding: 'utf8' })
    .trim()
    .split('\n')
  return new Map(lines.map((line) => Count.parse(JSON.parse(line))).map(({ model, primitives }) => [model, primitives]))
}

/** What a model's decode step may have. */
export interface CountLimits {
  /** Of mlx-lm, as counted just now or before. */
  readonly ofMlxLm: number
  /** Of the engine, so that it cannot grow unseen. */
  readonly budget: number
  /** Eight sequences are counted too. */
  readonly withBatch: boolean
  readonly batchRatio?: number | undefined
  /** The model is stored in bfloat16, so no product and no write of keys, values and states may be float32. */
  readonly isHalf: boolean
}

/**
 * Checks that a decode step of the array path has no more operations than mlx-lm's and its budget, few more for eight
 * sequences, and none in a wider type than the model's.
 */
export async function compareCounts(
  binding: Binding,
  modelDir: string,
  layers: number,
  { ofMlxLm, budget, withBatch, batchRatio = USUAL_BATCH_RATIO, isHalf }: CountLimits,
): Promise<CountComparison> {
  const shard = await openCounting(binding, modelDir, layers, { maxBatch: BATCH, prefillChunkTokens: 512, prefixCacheBytes: 0 })
  try {
    const one = await decodePrimitives(shard, 1)
    const several = withBatch ? await decodePrimitives(shard, BATCH) : null
    const wide = isHalf ? (shard.stats().counts?.wideProducts ?? Number.POSITIVE_INFINITY) : 0
    return {
      operations: one,
      operationsOfEight: several,
      hasPassed: one <= ofMlxLm && one <= budget && (several ?? 0) <= batchRatio * one && wide === 0,
      figures:
        `${one} operations of a decode step, budget ${budget}, mlx-lm ` +
        `${ofMlxLm}${several === null ? '' : `; of ${BATCH} sequences ${several}`}` +
        (isHalf ? `; ${wide} products and writes in float32` : ''),
    }
  } finally {
    await shard.close()
  }
}

/** The most operations of a step in which all sequences decode. Requests arrive one by one, so the first try may have no such step. */
async function decodePrimitives(shard: Shard, sequences: number): Promise<number> {
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const before = shard.steps().steps.length
    await Promise.all(Array.from({ length: sequences }, (_, sequence) => collectEvents(shard, specOf(round, sequences, sequence))))
    const steps = shard
      .steps()
      .steps.slice(before)
      .filter(({ decodedTokens, prefilledTokens }) => prefilledTokens === 0 && decodedTokens === sequences)
    // The first steps allocate the caches.
    const counted = steps.slice(2).flatMap(({ counts }) => (counts ? [counts.primitives] : []))
    if (counted.length > 0) return Math.max(...counted)
  }
  return Number.POSITIVE_INFINITY
}

function specOf(round: number, sequences: number, sequence: number): GenerationSpec {
  return GenerationSpec.parse({
    generationId: `count-${round}-${sequences}-${sequence}`,
    promptTokenIds: Array.from({ length: PROMPT_TOKENS + sequence }, (_, index) => (index * 7 + sequence) % 200),
    maxTokens: sequences === 1 ? 8 : 24 * (round + 1),
    stopTokenIds: [],
    sampling: { temperature: 0, seed: '0' },
  })
}
