import { z } from 'zod'

/** The least and the largest step of a Mamba layer. Python's json may write the latter as Infinity. */
export const StepLimit = z.custom<[number, number]>(
  (value) =>
    Array.isArray(value) &&
    value.length === 2 &&
    value.every((limit) => typeof limit === 'number' && !Number.isNaN(limit)) &&
    value[0] <= value[1],
  'time_step_limit is not a pair of rising numbers',
)
