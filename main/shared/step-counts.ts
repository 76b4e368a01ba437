import { z } from 'zod'

/** The cost of engine steps; reported only with `EXO_STEP_COUNTERS=1`. All counts except the time are the same on every machine. */
export const StepCounts = z.strictObject({
  /** Operations of the graphs that were evaluated. */
  primitives: z.int().min(0),
  evaluations: z.int().min(0),
  /** Arrays that pass between the GPU's work and the CPU's: drawing tokens, and messages between ranks. */
  handOffs: z.int().min(0),
  /** Graphs in which this rank's own work waits for a message of another. */
  mixedReceives: z.int().min(0),
  /** Caches of a layer that were copied into a larger one. */
  kvRegrowths: z.int().min(0),
  /** Processor time of the engine's thread, for building and launching. */
  hostMs: z.number().min(0),
  /** The most that MLX kept for later allocations. */
  cacheBytes: z.int().min(0),
})
export type StepCounts = z.infer<typeof StepCounts>
