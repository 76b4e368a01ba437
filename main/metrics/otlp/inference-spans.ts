import type { PlacedInferenceRecord } from '../../shared/inference/inference-record.ts'
import { nanosOf, otlpAttributes, type OtlpSpan } from './otlp-json.ts'

export interface SpanIds {
  /** 32 hexadecimal digits. */
  readonly traceId: string
  /** Draws 16 hexadecimal digits. */
  readonly spanId: () => string
}

/**
 * The spans of one ended request: the whole, and in it the wait for a place in the batch, the prompt, and the answer. The
 * attributes are those of OpenTelemetry's "Semantic Conventions for Generative AI", and contain neither prompt nor answer.
 *
 * @param endEpochMs - when the request ended
 */
export function inferenceSpans(record: PlacedInferenceRecord, endEpochMs: number, { traceId, spanId }: SpanIds): OtlpSpan[] {
  const { requestId, model, modelId, instanceId, finishReasons, errorCode, usage, timings } = record
  const startMs = endEpochMs - timings.totalMs
  const rootId = spanId()
  const span = (name: string, fromMs: number, toMs: number, attributes: OtlpSpan['attributes']): OtlpSpan => ({
    traceId,
    spanId: spanId(),
    parentSpanId: rootId,
    name,
    kind: 1,
    startTimeUnixNano: nanosOf(fromMs),
    endTimeUnixNano: nanosOf(Math.max(fromMs, toMs)),
    attributes,
    status: {},
  })
  const firstMs = startMs + timings.ttftMs
  // The time of the prompt follows from its speed; the wait for a place ended before it.
  const evaluatedTokens = Math.max(0, usage.promptTokens - usage.cachedTokens)
  const prefillMs = timings.prefillTokensPerSecond > 0 ? (evaluatedTokens / timings.prefillTokensPerSecond) * 1000 : 0
  const prefillStartMs = Math.max(startMs + Math.min(timings.queueMs, timings.ttftMs), firstMs - prefillMs)
  const hasAnswer = usage.completionTokens > 0
  const root: OtlpSpan = {
    traceId,
    spanId: rootId,
    name: `chat ${modelId ?? 'unknown model'}`,
    kind: 2,
    startTimeUnixNano: nanosOf(startMs),
    endTimeUnixNano: nanosOf(endEpochMs),
    attributes: otlpAttributes({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'exo',
      // A name that no model has is arbitrary input of a client.
      'gen_ai.request.model': modelId === null ? null : model,
      'gen_ai.response.model': modelId,
      'gen_ai.response.id': requestId,
      'gen_ai.response.finish_reasons': finishReasons,
      'gen_ai.usage.input_tokens': usage.promptTokens,
      'gen_ai.usage.output_tokens': usage.completionTokens,
      'error.type': errorCode,
      'exo.instance.id': instanceId,
      'exo.cached_tokens': usage.cachedTokens,
      'exo.time_to_first_token_ms': hasAnswer ? timings.ttftMs : null,
      'exo.resumes': record.resumes,
      'exo.machines': record.devices,
      'exo.strategy': record.strategy,
      'exo.backend': record.backend,
    }),
    status: errorCode === null ? {} : { code: 2, message: errorCode },
  }
  if (!hasAnswer) return [root, span('queue', startMs, startMs + Math.min(timings.queueMs, timings.totalMs), [])]
  return [
    root,
    span('queue', startMs, startMs + Math.min(timings.queueMs, timings.ttftMs), []),
    span('prefill', prefillStartMs, firstMs, otlpAttributes({ 'exo.evaluated_tokens': evaluatedTokens })),
    span('decode', firstMs, endEpochMs, otlpAttributes({ 'gen_ai.usage.output_tokens': usage.completionTokens })),
  ]
}

/** Whether a trace is among the sampled ones, by its id, as in the sampler TraceIdRatioBased. */
export function isSampled(traceId: string, ratio: number): boolean {
  return Number.parseInt(traceId.slice(-13), 16) < ratio * 2 ** 52
}
