import { z } from 'zod'
import { Embedding, EngineFinishReason, GenerationSpec, GenerationTimings, SampledToken } from '../../inference/generation.ts'
import { InstanceId } from '../../ids.ts'

/** Opens a stream from the client's node to rank 0's node. */
export const GenerationStreamHeader = z.strictObject({ instanceId: InstanceId, epoch: z.int().min(0), generation: GenerationSpec })
export type GenerationStreamHeader = z.infer<typeof GenerationStreamHeader>

/** The answer: engine events without the id, which both sides know. */
export const GenerationStreamPart = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('prefill-progress'), doneTokens: z.int().min(0), totalTokens: z.int().min(1) }),
  z.strictObject({ type: z.literal('prompt-logprobs'), tokens: z.array(SampledToken) }),
  z.strictObject({ type: z.literal('embedding'), vector: Embedding }),
  z.strictObject({ type: z.literal('token-delta'), token: SampledToken }),
  z.strictObject({ type: z.literal('generation-end'), finishReason: EngineFinishReason, timings: GenerationTimings }),
])
export type GenerationStreamPart = z.infer<typeof GenerationStreamPart>

/** The client's node asks for an early end; the parts still end with `generation-end`. */
export const GenerationStreamCancel = z.strictObject({ type: z.literal('cancel') })
