import { z } from 'zod'
import { StepCounts } from './step-counts.ts'

/** When a step of the engine ran on one rank; the time is milliseconds since 1970 on that rank's machine. */
export const RankStep = z.strictObject({
  beginEpochMs: z.number(),
  endEpochMs: z.number(),
  /**
   * Rank 0: how long it took to make and send the plan, which is part of the step. Other ranks: how long they waited for it before the
   * step.
   */
  planMs: z.number().min(0),
  /** Only rank 0 counts tokens. */
  decodedTokens: z.int().min(0),
  prefilledTokens: z.int().min(0),
  counts: StepCounts.optional(),
})
export type RankStep = z.infer<typeof RankStep>

/** The most recent steps of one rank, oldest first. */
export interface RankSteps {
  readonly rank: number
  readonly nodeName: string
  readonly steps: readonly RankStep[]
}
