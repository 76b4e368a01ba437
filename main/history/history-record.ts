import { z } from 'zod'
import type { PlacedInferenceRecord } from '../shared/inference/inference-record.ts'
import { toSignedSeed } from './signed-seed.ts'

const Integer64 = z.string().regex(/^-?\d{1,19}$/)
/** A column of 32 bits. */
const Count = z.int().min(0).max(0x7fffffff)
/** Clients send any string as a model's name; DuckDB reads no JSON with half a surrogate pair. */
const Text = z.string().transform((text) => text.replace(/\p{Surrogate}/gu, '\ufffd'))

/** One line of the journal: a row of both tables, keyed by column name. */
export const HistoryRecord = z.object({
  id: Integer64,
  timestamp: z.iso.datetime(),
  model: Text,
  prompt_tokens: Count,
  completion_tokens: Count,
  latency_ms: z.number(),
  devices: Count,
  strategy: Text.nullable(),
  trit: z.int().min(-1).max(1),
  seed: Integer64.nullable(),
  request_id: Text,
  node: Text,
  instance: Text.nullable(),
  requested_model: Text,
  backend: Text.nullable(),
  finish_reason: Text.nullable(),
  error: Text.nullable(),
  ttft_ms: z.number(),
  queue_ms: z.number(),
  prefill_tokens_per_second: z.number(),
  decode_tokens_per_second: z.number(),
  cached_tokens: Count,
  resumes: Count,
})
export type HistoryRecord = z.infer<typeof HistoryRecord>

export interface RecordFacts {
  readonly id: bigint
  readonly nodeId: string
  readonly endedAtEpochMs: number
}

/** `timestamp` is the time of the request, not of its end. */
export function toHistoryRecord(entry: PlacedInferenceRecord, { id, nodeId, endedAtEpochMs }: RecordFacts): HistoryRecord {
  const { usage, timings } = entry
  return {
    id: id.toString(),
    timestamp: new Date(endedAtEpochMs - timings.totalMs).toISOString(),
    model: entry.modelId ?? entry.model,
    prompt_tokens: usage.promptTokens,
    completion_tokens: usage.completionTokens,
    latency_ms: timings.totalMs,
    devices: entry.devices,
    strategy: entry.strategy,
    trit: entry.trit,
    seed: entry.seed === null ? null : toSignedSeed(entry.seed).toString(),
    request_id: entry.requestId,
    node: nodeId,
    instance: entry.instanceId,
    requested_model: entry.model,
    backend: entry.backend,
    finish_reason: entry.finishReasons && [...new Set(entry.finishReasons)].join(','),
    error: entry.errorCode,
    ttft_ms: timings.ttftMs,
    queue_ms: timings.queueMs,
    prefill_tokens_per_second: timings.prefillTokensPerSecond,
    decode_tokens_per_second: timings.decodeTokensPerSecond,
    cached_tokens: usage.cachedTokens,
    resumes: entry.resumes,
  }
}
