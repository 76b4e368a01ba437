import { z } from 'zod'
import { Embedding, EngineFinishReason, GenerationTimings, SampledToken } from '../../inference/generation.ts'
import { GenerationId } from '../../ids.ts'
import { RankStep } from '../../rank-steps.ts'
import { ShardInfo, ShardStats } from '../../shard.ts'
import { wireErrorCode } from './wire-error-code.ts'

const generation = { generationId: GenerationId }

/** The events of a shard worker for its supervisor. Per generation: progress*, delta*, then one end or error. */
export const WorkerEvent = z.discriminatedUnion('type', [
  /** First message: the process is up and has loaded the native addon. */
  z.strictObject({ type: z.literal('worker-started'), processId: z.int(), nativeVersion: z.string() }),
  z.strictObject({ type: z.literal('shard-progress'), loadedBytes: z.number().min(0), totalBytes: z.number().min(0) }),
  z.strictObject({ type: z.literal('shard-ready'), info: ShardInfo }),
  z.strictObject({ type: z.literal('prefill-progress'), ...generation, doneTokens: z.int().min(0), totalTokens: z.int().min(1) }),
  z.strictObject({ type: z.literal('prompt-logprobs'), ...generation, tokens: z.array(SampledToken) }),
  z.strictObject({ type: z.literal('embedding'), ...generation, vector: Embedding }),
  z.strictObject({ type: z.literal('token-delta'), ...generation, token: SampledToken }),
  z.strictObject({ type: z.literal('generation-end'), ...generation, finishReason: EngineFinishReason, timings: GenerationTimings }),
  z.strictObject({ type: z.literal('generation-error'), ...generation, code: wireErrorCode('engine-failed'), message: z.string() }),
  /** Sent every second, and at once when the worker becomes idle. */
  z.strictObject({
    type: z.literal('worker-heartbeat'),
    stats: ShardStats,
    /** The engine is loading the weights of a draft model and runs no steps in the meantime. */
    loadsDraft: z.boolean(),
    /** Layers that the engine has evaluated: grows within a step, but not while it waits for another rank. */
    layersDone: z.number().min(0),
    /** Number of tokens in the running step; 0 between steps. */
    stepTokens: z.number().min(0),
    /** Processor time of the worker's process. */
    cpuMs: z.number().min(0),
    /** Of each size, the longest time and the most processor time of the steps that ended since the last heartbeat. */
    slowSteps: z
      .array(z.strictObject({ tokens: z.int().min(0), durationMs: z.number().min(0), cpuMs: z.number().min(0) }))
      .max(64)
      .optional(),
  }),
  /** Rank 0 has queued work: ranks above 0 must follow. */
  z.strictObject({ type: z.literal('steps-begin') }),
  /** A follower left the step loop because rank 0 became idle. */
  z.strictObject({ type: z.literal('steps-end') }),
  /** The most recent steps of this rank, oldest first. */
  z.strictObject({ type: z.literal('steps'), steps: z.array(RankStep).max(4096) }),
  /** Loading failed or the engine broke: the worker exits after it. */
  z.strictObject({
    type: z.literal('worker-error'),
    code: wireErrorCode('engine-failed'),
    message: z.string(),
    details: z.record(z.string(), z.unknown()),
  }),
])
export type WorkerEvent = z.infer<typeof WorkerEvent>
