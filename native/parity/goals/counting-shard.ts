import { ShardSpec } from '../../../main/shared/shard.ts'
import type { StepCounts } from '../../../main/shared/step-counts.ts'
import { openShard, type Binding, type Shard } from '../../index.ts'
import { GenerationSpec } from '../../../main/shared/inference/generation.ts'
import { collectEvents } from '../compare-shard.ts'

const VOCABULARY = 200

export interface CountedRun {
  /** Of the steps in which exactly these sequences decode, without the first ones, which allocate caches. */
  readonly decodes: readonly StepCounts[]
  /** Sums and maxima over all steps since the shard was opened. */
  readonly total: StepCounts
}

/** Opens a model as a Mac runs it, with counters. */
export function openCounting(binding: Binding, modelDir: string, layers: number, spec: Partial<ShardSpec> = {}): Promise<Shard> {
  const whole = ShardSpec.parse({
    modelDir,
    strategy: 'pipeline',
    backend: 'local',
    rank: 0,
    worldSize: 1,
    layers: { start: 0, end: layers },
    contextTokens: 1024,
    dequantize: false,
    threads: 2,
    ...spec,
  })
  return openShard(binding, whole, undefined, { useArrays: true, keepsTypes: true, countsSteps: true })
}

/** Runs sequences at once; a round's salt keeps their prompts apart from those of other rounds. */
export async function countRun(
  shard: Shard,
  {
    sequences = 1,
    promptTokens = 40,
    maxTokens = 12,
    salt = 0,
  }: { sequences?: number; promptTokens?: number; maxTokens?: number; salt?: number },
): Promise<CountedRun> {
  const before = shard.steps().steps.length
  const specOf = (sequence: number) =>
    GenerationSpec.parse({
      generationId: `count-${salt}-${sequences}-${sequence}`,
      promptTokenIds: Array.from({ length: promptTokens }, (_, index) => (index * 7 + sequence * 13 + salt) % VOCABULARY),
      maxTokens,
      stopTokenIds: [],
      sampling: { temperature: 0, seed: '0' },
    })
  await Promise.all(Array.from({ length: sequences }, (_, sequence) => collectEvents(shard, specOf(sequence))))
  const decodes = shard
    .steps()
    .steps.slice(before)
    .filter(({ decodedTokens, prefilledTokens }) => prefilledTokens === 0 && decodedTokens === sequences)
    .flatMap(({ counts }) => (counts ? [counts] : []))
    .slice(2)
  const total = shard.stats().counts
  if (!total) throw new Error('The shard counts no steps.')
  return { decodes, total }
}
