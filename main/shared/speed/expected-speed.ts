import { z } from 'zod'
import { SpeedRange } from './speed-forecast.ts'

/** How fast a model would answer on the machines of the cluster if it were loaded now. */
export const ExpectedSpeed = z.object({
  /** The number of machines that would hold it. */
  machines: z.int().min(1),
  /** Of one request with a short context. */
  tokensPerSecond: SpeedRange,
})
export type ExpectedSpeed = z.infer<typeof ExpectedSpeed>

/** The most models of one request for expected speeds, because each needs a placement. */
export const MOST_EXPECTED = 64
