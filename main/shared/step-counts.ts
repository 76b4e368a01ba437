import { z } from 'zod'

/** The cost of engine steps; reported only with `EXO_STEP_COUNTERS=1`. All counts except the time are the same on every machine. */
export const StepCounts = z.strictObject({
  /** Operations of the evaluated graphs. */
  primitives: z.int().min(0),
  evaluations: z.int().min(0),
  /** Arrays passed between GPU work and CPU work: for sampling, and for messages between ranks. */
  handOffs: z.int().min(0),
  /** Graphs in which this rank's own work waits for a message from another. */
  mixedReceives: z.int().min(0),
  /** Layer caches that were copied into a larger one. */
  kvRegrowths: z.int().min(0),
  /** Processor time of the engine's thread for building and launching. */
  hostMs: z.number().min(0),
  /** The most memory that MLX kept for later allocations. */
  cacheBytes: z.int().min(0),
  /** The most keys that a query of one attention could read. */
  attendedKeys: z.int().min(0).default(0),
  /** Products and cache writes in float32, which a model of half floats has no need of. */
  wideProducts: z.int().min(0).default(0),
})
export type StepCounts = z.infer<typeof StepCounts>
