import { z } from 'zod'
import { NodeId } from '../ids.ts'

/** A predicted value: most measurements are between `low` and `high`. */
export const SpeedRange = z.object({ low: z.number().min(0), likely: z.number().min(0), high: z.number().min(0) })
export type SpeedRange = z.infer<typeof SpeedRange>

/** How fast a placed model answers one request. */
export const SpeedForecast = z.object({
  /** Generated tokens per second, at several lengths of the context; null: the context is shorter. */
  decode: z.array(z.object({ contextTokens: z.int().min(0), tokensPerSecond: SpeedRange.nullable() })),
  /** Tokens of a prompt of 4,096 tokens, per second. */
  prefillTokensPerSecond: SpeedRange,
  /** From a request with a prompt of 4,096 tokens to its first token. */
  firstTokenSeconds: SpeedRange,
  /** Generated tokens per second of eight requests at once, together. */
  sharedTokensPerSecond: SpeedRange,
  /** Free memory of each node once the model is loaded, without what `--headroom` keeps free. */
  memoryLeft: z.array(z.object({ nodeId: NodeId, bytes: z.number() })),
  /** `measured`: all machines are calibrated; `chips`: some speeds are those of the chip's specification. */
  basis: z.enum(['measured', 'chips']),
})
export type SpeedForecast = z.infer<typeof SpeedForecast>

/** A placement without a forecast, and what is missing. */
export const NoForecast = z.object({ unknown: z.string() })
export type NoForecast = z.infer<typeof NoForecast>
