import type { RankSteps } from '../../shared/rank-steps.ts'
import type { ChromeEvent } from './chrome-event.ts'
import type { InferenceTrace } from './inference-trace.ts'
import { rankEvents } from './rank-events.ts'

export interface ChromeTrace {
  readonly traceEvents: readonly ChromeEvent[]
  readonly displayTimeUnit: 'ms'
  readonly otherData: Readonly<Record<string, unknown>>
}

const NODE = 1
const REQUEST_TRACK = 1
const CLIENT_TRACK = 2
const FIRST_CHOICE_TRACK = 10

/**
 * One track for the request's stages, one for waits for the client, and one per choice. A span covers the time between
 * one part and the next. Each rank is shown as a separate process, with its steps during that time, for this request
 * and others.
 */
export function toChromeTrace(trace: InferenceTrace, ranks: readonly RankSteps[] = []): ChromeTrace {
  const events: ChromeEvent[] = []
  const tracks = new Map([
    [REQUEST_TRACK, 'request'],
    [CLIENT_TRACK, 'waiting for the client'],
  ])
  const span = (tid: number, name: string, fromMs: number, toMs: number, args: Readonly<Record<string, unknown>> = {}): void =>
    void events.push({
      name,
      ph: 'X',
      pid: NODE,
      tid,
      ts: Math.round((trace.startedAtEpochMs + fromMs) * 1000),
      dur: Math.max(0, Math.round((toMs - fromMs) * 1000)),
      args,
    })

  let stageAtMs = 0
  let firstTokenAtMs: number | null = null
  let endAtMs = 0
  const choiceAtMs = new Map<number, { ms: number; tokens: number }>()
  for (const event of trace.events) {
    endAtMs = Math.max(endAtMs, event.atMs)
    switch (event.kind) {
      case 'accepted':
        span(REQUEST_TRACK, 'find model, tokenize', 0, event.atMs, { promptTokens: event.promptTokens })
        stageAtMs = event.atMs
        break
      case 'prefill':
        span(REQUEST_TRACK, 'prefill', stageAtMs, event.atMs, { doneTokens: event.doneTokens })
        stageAtMs = event.atMs
        break
      case 'tokens': {
        const before = choiceAtMs.get(event.choiceIndex) ?? { ms: stageAtMs, tokens: 0 }
        const tid = FIRST_CHOICE_TRACK + event.choiceIndex
        tracks.set(tid, `choice ${event.choiceIndex}`)
        firstTokenAtMs ??= event.atMs
        span(tid, before.tokens === 0 ? 'first token' : event.tokens === 1 ? 'token' : `${event.tokens} tokens`, before.ms, event.atMs, {
          token: before.tokens,
        })
        choiceAtMs.set(event.choiceIndex, { ms: event.atMs, tokens: before.tokens + event.tokens })
        break
      }
      case 'client':
        span(CLIENT_TRACK, 'client', event.sinceMs, event.atMs)
        break
      case 'choice-end':
        span(
          FIRST_CHOICE_TRACK + event.choiceIndex,
          `end: ${event.finishReason}`,
          choiceAtMs.get(event.choiceIndex)?.ms ?? stageAtMs,
          event.atMs,
        )
        break
      case 'end':
        span(REQUEST_TRACK, 'decode', firstTokenAtMs ?? stageAtMs, event.atMs, { ...event.timings })
        break
      case 'failed':
        span(REQUEST_TRACK, `failed: ${event.code}`, stageAtMs, event.atMs)
    }
  }
  const name = (kind: string, tid: number, text: string): ChromeEvent => ({ name: kind, ph: 'M', pid: NODE, tid, args: { name: text } })
  return {
    traceEvents: [
      name('process_name', 0, `${trace.model} ${trace.requestId}`),
      ...[...tracks].map(([tid, text]) => name('thread_name', tid, text)),
      ...events,
      ...ranks.flatMap(rankEvents),
    ],
    displayTimeUnit: 'ms',
    otherData: { requestId: trace.requestId, model: trace.model, durationMs: endAtMs, isCut: trace.isCut },
  }
}
