import type { RankStep, RankSteps } from '../../shared/rank-steps.ts'
import type { ChromeEvent } from './chrome-event.ts'

/** Process id 1 is the node. */
const FIRST_RANK = 2
const STEPS_TRACK = 1

/** For rank 0, its steps with the planning inside; for the other ranks, the wait for each plan, and the step. */
export function rankEvents({ rank, nodeName, steps }: RankSteps): ChromeEvent[] {
  const pid = FIRST_RANK + rank
  const span = (name: string, fromMs: number, toMs: number, args: Readonly<Record<string, unknown>> = {}): ChromeEvent => ({
    name: `rank ${rank} ${name}`,
    ph: 'X',
    pid,
    tid: STEPS_TRACK,
    ts: Math.round(fromMs * 1000),
    dur: Math.max(0, Math.round((toMs - fromMs) * 1000)),
    args,
  })
  const ofStep = (step: RankStep, index: number): ChromeEvent[] => {
    const { beginEpochMs: beginMs, endEpochMs: endMs, planMs, decodedTokens, prefilledTokens, counts } = step
    if (rank === 0) {
      const plan = planMs > 0 ? [span('plan', beginMs, Math.min(endMs, beginMs + planMs))] : []
      return [span(prefilledTokens > 0 ? 'prefill' : 'decode', beginMs, endMs, { decodedTokens, prefilledTokens, ...counts }), ...plan]
    }
    // The first wait is mostly idle time.
    const wait = index === 0 ? [] : [span('waits for the plan', beginMs - planMs, beginMs)]
    return [...wait, span('step', beginMs, endMs, { ...counts })]
  }
  return [
    { name: 'process_name', ph: 'M', pid, tid: 0, args: { name: `rank ${rank} on ${nodeName}` } },
    { name: 'thread_name', ph: 'M', pid, tid: STEPS_TRACK, args: { name: 'steps' } },
    ...steps.flatMap(ofStep),
  ]
}
