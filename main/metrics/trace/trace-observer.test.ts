import { describe, expect, it } from 'vitest'
import { AppError } from '../../shared/app-error.ts'
import type { InferencePart, TextToken } from '../../shared/inference/inference.ts'
import { toChromeTrace } from './chrome-trace.ts'
import { createTraceBuffer } from './trace-buffer.ts'
import { traceObserver } from './trace-observer.ts'

const token: TextToken = { tokenId: 1, text: 'x', bytes: [120], logprob: null, topLogprobs: [] }
const timings = { ttftMs: 40, queueMs: 1, prefillTokensPerSecond: 100, decodeTokensPerSecond: 50, totalMs: 100 }
const delta = (choiceIndex: number): InferencePart => ({ type: 'text-delta', choiceIndex, text: 'x', tokens: [token] })

/** A client that takes parts at the given milliseconds of a simulated clock. */
function play(
  script: readonly (readonly [number, InferencePart | Error])[],
  { requestId, slowAt = -1, slowMs = 0 }: { requestId: string; slowAt?: number; slowMs?: number },
): ReturnType<typeof createTraceBuffer> {
  let nowMs = 0
  const traces = createTraceBuffer()
  const observer = traceObserver(traces, { now: () => nowMs, epochMs: () => 1_000_000 + nowMs })({ requestId, model: 'm' })
  for (const [index, [atMs, part]] of script.entries()) {
    nowMs = Math.max(nowMs, atMs)
    if (part instanceof Error) {
      observer.onFailure(part)
      continue
    }
    observer.onPart(part)
    if (index === slowAt) nowMs += slowMs
    observer.onTaken()
  }
  return traces
}

const script: readonly (readonly [number, InferencePart])[] = [
  [10, { type: 'accepted', modelId: 'org/m', promptTokenIds: [1, 2, 3], promptText: '', seed: '1' }],
  [20, { type: 'prefill-progress', doneTokens: 2, totalTokens: 3 }],
  [40, delta(0)],
  [45, delta(1)],
  [60, delta(0)],
  [70, { type: 'choice-end', choiceIndex: 0, finishReason: 'stop', stopString: null, completionTokens: 2 }],
  [100, { type: 'inference-end', usage: { promptTokens: 3, completionTokens: 3, cachedTokens: 0 }, timings }],
]

describe('a trace', () => {
  it('holds every part on its way, and gives where the time went', () => {
    const traces = play(script, { requestId: 'r1', slowAt: 2, slowMs: 4 })
    const { traceEvents, otherData } = toChromeTrace(traces.find('r1')!)
    const spans = traceEvents
      .filter(({ ph }) => ph === 'X')
      .map(({ name, tid, ts, dur }) => [name, tid, (ts! - 1_000_000_000) / 1000, dur! / 1000])
    expect(spans).toEqual([
      ['find model, tokenize', 1, 0, 10],
      ['prefill', 1, 10, 10],
      ['first token', 10, 20, 20],
      ['client', 2, 40, 4],
      ['first token', 11, 20, 25],
      ['token', 10, 40, 20],
      ['end: stop', 10, 60, 10],
      ['decode', 1, 40, 60],
    ])
    expect(traceEvents.filter(({ ph }) => ph === 'M').map(({ args }) => args?.['name'])).toEqual([
      'm r1',
      'request',
      'waiting for the client',
      'choice 0',
      'choice 1',
    ])
    expect(otherData).toEqual({ requestId: 'r1', model: 'm', durationMs: 100, isCut: false })
  })

  it('has the steps of every rank', () => {
    const trace = { requestId: 'r', model: 'm', startedAtEpochMs: 1_000, events: [], isCut: false }
    const step = { beginEpochMs: 1_010, endEpochMs: 1_020, planMs: 2, decodedTokens: 1, prefilledTokens: 0 }
    const follower = { ...step, decodedTokens: 0 }
    const ranks = [
      { rank: 0, nodeName: 'desk', steps: [{ ...step, prefilledTokens: 8 }, step] },
      { rank: 1, nodeName: 'shelf', steps: [follower, { ...follower, beginEpochMs: 1_024, endEpochMs: 1_029 }] },
    ]
    const { traceEvents } = toChromeTrace(trace, ranks)
    expect(
      traceEvents.filter(({ ph, pid }) => ph === 'X' && pid > 1).map(({ name, pid, ts, dur }) => [name, pid, ts! / 1000, dur! / 1000]),
    ).toEqual([
      ['rank 0 prefill', 2, 1_010, 10],
      ['rank 0 plan', 2, 1_010, 2],
      ['rank 0 decode', 2, 1_010, 10],
      ['rank 0 plan', 2, 1_010, 2],
      ['rank 1 step', 3, 1_010, 10],
      ['rank 1 waits for the plan', 3, 1_022, 2],
      ['rank 1 step', 3, 1_024, 5],
    ])
    expect(traceEvents.filter(({ name }) => name === 'process_name').map(({ args }) => args?.['name'])).toEqual([
      'm r',
      'rank 0 on desk',
      'rank 1 on shelf',
    ])
  })

  it('tells a failure', () => {
    const traces = play([...script.slice(0, 1), [15, new AppError('engine-busy', 'Too much.')]], { requestId: 'r2' })
    expect(traces.last()?.events.at(-1)).toEqual({ kind: 'failed', atMs: 15, code: 'engine-busy' })
  })
})

describe('the buffer of traces', () => {
  it('keeps the last requests, and of each so many events and its end', () => {
    const traces = createTraceBuffer(2, 3)
    for (const requestId of ['a', 'b', 'c']) {
      const recorder = traces.begin({ requestId, model: 'm', startedAtEpochMs: 0 })
      for (let atMs = 0; atMs < 5; atMs++) recorder.add({ kind: 'tokens', atMs, choiceIndex: 0, tokens: 1 })
      recorder.add({ kind: 'end', atMs: 9, timings })
    }
    expect([traces.find('a'), traces.find('b')?.requestId, traces.last()?.requestId]).toEqual([null, 'b', 'c'])
    expect(traces.last()).toMatchObject({ isCut: true, events: [{ atMs: 0 }, { atMs: 1 }, { atMs: 2 }, { kind: 'end' }] })
  })
})
