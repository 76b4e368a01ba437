import type { Clock } from '../../platform/clock.ts'
import type { Random } from '../../platform/random.ts'
import { randomHex } from '../../platform/random-hex.ts'
import type { PlacedInferenceRecord } from '../../shared/inference/inference-record.ts'
import { inferenceSpans, isSampled } from './inference-spans.ts'
import { otlpAttributes, type OtlpSpan } from './otlp-json.ts'
import { type CollectedMetric, otlpMetrics } from './otlp-metrics.ts'
import { OtlpSender, type OtlpSenderDependencies } from './otlp-sender.ts'
import type { OtlpSettings } from './otlp-settings.ts'

/** Spans that wait for the collector; later ones are dropped. As OTEL_BSP_MAX_QUEUE_SIZE and OTEL_BSP_MAX_EXPORT_BATCH_SIZE by default. */
const MOST_WAITING_SPANS = 2_048
const MOST_SPANS_AT_ONCE = 512

export interface OtlpDependencies extends OtlpSenderDependencies {
  readonly clock: Clock
  readonly random: Pick<Random, 'bytes'>
  readonly nodeId: string
  readonly nodeName: string
  readonly version: string
  readonly startedAtEpochMs: number
  collect(): Promise<readonly CollectedMetric[]>
}

/** Sends traces of requests and metrics to a collector of OpenTelemetry. */
export interface Otlp {
  noteInference(record: PlacedInferenceRecord): void
  /** Sends what waits, within a limit. */
  flush(limitMs: number): Promise<void>
}

/** @param signal - ends the sending at intervals */
export function startOtlp(settings: OtlpSettings, dependencies: OtlpDependencies, signal: AbortSignal): Otlp {
  const { clock, random, log, version } = dependencies
  const sender = (target: OtlpSettings['traces']): OtlpSender | null => target && new OtlpSender(target, dependencies)
  const [traces, metrics] = [sender(settings.traces), sender(settings.metrics)]
  const resource = {
    attributes: otlpAttributes({
      ...settings.resource,
      'service.name': settings.serviceName,
      'service.version': version,
      'service.instance.id': dependencies.nodeId,
      'host.name': dependencies.nodeName,
    }),
  }
  const scope = { name: 'exo', version }
  const waiting: OtlpSpan[] = []
  let droppedSpans = 0
  let isSendingSpans = false

  async function sendSpans(until: AbortSignal): Promise<void> {
    if (!traces || isSendingSpans) return
    isSendingSpans = true
    try {
      while (waiting.length > 0 && !until.aborted)
        await traces.send({ resourceSpans: [{ resource, scopeSpans: [{ scope, spans: waiting.splice(0, MOST_SPANS_AT_ONCE) }] }] }, until)
      if (droppedSpans > 0) log.warn('spans were dropped: the OpenTelemetry collector is too slow', { droppedSpans })
      droppedSpans = 0
    } finally {
      isSendingSpans = false
    }
  }

  async function sendMetrics(until: AbortSignal): Promise<void> {
    if (!metrics) return
    const found = otlpMetrics(await dependencies.collect(), dependencies.startedAtEpochMs, clock.epochMs())
    await metrics.send({ resourceMetrics: [{ resource, scopeMetrics: [{ scope, metrics: found }] }] }, until)
  }

  const reported = (work: Promise<void>): void =>
    void work.catch((error: unknown) => log.warn('the data for OpenTelemetry could not be sent', { error }))
  if (traces) clock.every(settings.traceDelayMs, () => reported(sendSpans(signal)), signal)
  if (metrics) clock.every(settings.metricIntervalMs, () => reported(sendMetrics(signal)), signal)

  return {
    noteInference(record) {
      if (!traces) return
      const traceId = randomHex(random, 16)
      if (!isSampled(traceId, settings.sampledRatio)) return
      const spans = inferenceSpans(record, clock.epochMs(), { traceId, spanId: () => randomHex(random, 8) })
      if (waiting.length + spans.length > MOST_WAITING_SPANS) droppedSpans += spans.length
      else waiting.push(...spans)
      if (waiting.length >= MOST_SPANS_AT_ONCE) reported(sendSpans(signal))
    },
    async flush(limitMs) {
      const limit = AbortSignal.timeout(limitMs)
      await Promise.all([sendSpans(limit), sendMetrics(limit)])
    },
  }
}
