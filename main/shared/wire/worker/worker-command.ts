import { z } from 'zod'
import { GenerationSpec } from '../../inference/generation.ts'
import { TokenVocabulary } from '../../inference/grammar.ts'
import { GenerationId } from '../../ids.ts'
import { ShardSpec } from '../../shard.ts'

/** The commands of a supervisor to its shard worker. */
export const WorkerCommand = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('load-shard'), shard: ShardSpec }),
  /** Rank 0 only: before the first generation with a grammar. */
  z.strictObject({ type: z.literal('set-vocabulary'), vocabulary: TokenVocabulary }),
  /** Rank 0 only. */
  z.strictObject({ type: z.literal('start-generation'), generation: GenerationSpec }),
  z.strictObject({ type: z.literal('cancel-generation'), generationId: GenerationId }),
  /** Ranks above 0: join rank 0's step loop until rank 0 is idle. */
  z.strictObject({ type: z.literal('follow-steps') }),
  /** Answered by `steps`. */
  z.strictObject({ type: z.literal('tell-steps') }),
  z.strictObject({ type: z.literal('close-shard') }),
])
export type WorkerCommand = z.infer<typeof WorkerCommand>
