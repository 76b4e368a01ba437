import { z } from 'zod'

/** One line of what the engine must reach on the path that Macs run. */
export const Goal = z.strictObject({
  what: z.string(),
  /** mlx-lm's figure; null if it has none. */
  mlxLm: z.string().nullable(),
  ours: z.string(),
  goal: z.string(),
  hasPassed: z.boolean(),
})
export type Goal = z.infer<typeof Goal>

export const GoalRun = z.strictObject({ machine: z.string(), mlxLmVersion: z.string(), goals: z.array(Goal) })
export type GoalRun = z.infer<typeof GoalRun>
