import { z } from 'zod'

/** The latest time that an ECMAScript date can represent. */
export const LAST_EPOCH_MS = 8_640_000_000_000_000

/** Which past inferences to list, newest first. */
export const HistoryQuery = z.strictObject({
  /** The name that the client used, or the id that it resolved to. */
  model: z.string().min(1).max(1024).nullable().default(null),
  /** Milliseconds since 1970. */
  sinceMs: z.number().min(0).max(LAST_EPOCH_MS).nullable().default(null),
  limit: z.int().min(1).max(10_000).default(100),
})
export type HistoryQuery = z.infer<typeof HistoryQuery>

/**
 * One past inference: the columns of `exo_inferences`, then those of `exo_inference_details`. `id` and `seed` are
 * decimal texts, because JSON numbers hold only 53 bits; `seed` is unsigned, as in the request.
 */
export const HistoryRow = z.strictObject({
  id: z.string(),
  /** The time of the request; ISO 8601 in UTC. */
  timestamp: z.string(),
  model: z.string(),
  prompt_tokens: z.int(),
  completion_tokens: z.int(),
  latency_ms: z.number(),
  devices: z.int(),
  strategy: z.string().nullable(),
  trit: z.int(),
  seed: z.string().nullable(),
  request_id: z.string().nullable(),
  node: z.string().nullable(),
  instance: z.string().nullable(),
  requested_model: z.string().nullable(),
  backend: z.string().nullable(),
  finish_reason: z.string().nullable(),
  error: z.string().nullable(),
  ttft_ms: z.number().nullable(),
  queue_ms: z.number().nullable(),
  prefill_tokens_per_second: z.number().nullable(),
  decode_tokens_per_second: z.number().nullable(),
  cached_tokens: z.int().nullable(),
  resumes: z.int().nullable(),
})
export type HistoryRow = z.infer<typeof HistoryRow>

/** The answer to a SQL statement. Integers beyond 2^53 are texts. */
export const QueriedTable = z.strictObject({
  columns: z.array(z.strictObject({ name: z.string(), type: z.string() })),
  rows: z.array(z.array(z.unknown())),
  /** There were more rows than were returned. */
  truncated: z.boolean(),
})
export type QueriedTable = z.infer<typeof QueriedTable>
