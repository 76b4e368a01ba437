import { GenerationSpec, type GenerationEvent, type Sampling } from '../../main/shared/inference/generation.ts'
import { ShardSpec } from '../../main/shared/shard.ts'
import { fileURLToPath } from 'node:url'
import { loadBinding, openShard, type OpenOptions, type Shard, type ShardLoadProgress } from '../index.ts'
import type { TinyModel } from './tiny-model.ts'

export const binding = loadBinding(fileURLToPath(new URL('../../build/native/exo_engine.node', import.meta.url)))

/** The whole of a tiny model on one rank. */
export function openTiny(
  model: TinyModel,
  spec: Partial<ShardSpec> = {},
  options: OpenOptions = {},
  onProgress?: (progress: ShardLoadProgress) => void,
): Promise<Shard> {
  return openShard(
    binding,
    ShardSpec.parse({
      modelDir: model.dir,
      strategy: 'pipeline',
      backend: 'local',
      rank: 0,
      worldSize: 1,
      layers: { start: 0, end: model.layers },
      contextTokens: 512,
      dequantize: false,
      threads: 2,
      ...spec,
    }),
    onProgress,
    options,
  )
}

type SpecInput = Partial<Omit<GenerationSpec, 'sampling' | 'generationId'>> & { id?: string; sampling?: Partial<Sampling> }

let serial = 0

export function generationSpec({ id = `generation-${serial++}`, sampling, ...rest }: SpecInput = {}): GenerationSpec {
  return GenerationSpec.parse({
    generationId: id,
    promptTokenIds: [1, 2, 3],
    maxTokens: 16,
    stopTokenIds: [],
    sampling: { temperature: 0, seed: '1', ...sampling },
    ...rest,
  })
}

export interface GenerationRun {
  readonly events: GenerationEvent[]
  readonly tokenIds: number[]
  readonly last: GenerationEvent
}

/** Runs one generation to its end. */
export function runGeneration(
  shard: Pick<Shard, 'generate'>,
  input: SpecInput = {},
  onEvent: (event: GenerationEvent) => void = () => undefined,
): Promise<GenerationRun> {
  return new Promise((resolve) => {
    const events: GenerationEvent[] = []
    shard.generate(generationSpec(input), (event) => {
      events.push(event)
      onEvent(event)
      if (event.type !== 'generation-end' && event.type !== 'generation-error') return
      const tokenIds = events.flatMap((other) => (other.type === 'token-delta' ? [other.token.tokenId] : []))
      resolve({ events, tokenIds, last: event })
    })
  })
}
