import { z } from 'zod'
import { BenchmarkRow } from './benchmark-result.ts'
import { ComparedPlacement } from './cluster-placements.ts'

const Aim = z.int().min(0).nullable()

/** The output of `exo bench --cluster --json`. */
export const ClusterComparison = z.strictObject({
  model: z.string(),
  placements: z.array(z.strictObject({ ...ComparedPlacement.shape, rows: z.array(BenchmarkRow) })),
  /** Why other placements are not possible. */
  obstacles: z.array(z.string()),
  /** For each aim the index of the placement to take; null: nothing was measured. */
  take: z.strictObject({ decode: Aim, prefill: Aim, together: Aim }),
})
export type ClusterComparison = z.infer<typeof ClusterComparison>
