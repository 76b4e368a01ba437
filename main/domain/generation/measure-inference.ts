import type { GenerationTimings } from '../../shared/inference/generation.ts'
import type { InferenceTimings } from '../../shared/inference/inference.ts'

/** One stay in the engine. A choice has several if it was paused or resumed. */
export interface EngineStay {
  readonly choiceIndex: number
  readonly sampledTokens: number
  readonly promptTokens: number
  readonly timings: GenerationTimings
}

export interface InferenceMeasurement {
  readonly acceptedAtMs: number
  /** null: no token was sampled. */
  readonly firstTokenAtMs: number | null
  readonly endedAtMs: number
  readonly stays: readonly EngineStay[]
}

const perSecond = (tokens: number, durationMs: number): number => (durationMs > 0 ? (1000 * tokens) / durationMs : 0)
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

/**
 * Rates according to the engine's timing. Choices decode at the same time, so their tokens are added up and divided by
 * the longest of their times.
 */
export function measureInference({ acceptedAtMs, firstTokenAtMs, endedAtMs, stays }: InferenceMeasurement): InferenceTimings {
  const first = stays[0]
  const decodeMsOfChoice = new Map<number, number>()
  for (const { choiceIndex, timings } of stays)
    decodeMsOfChoice.set(choiceIndex, (decodeMsOfChoice.get(choiceIndex) ?? 0) + timings.decodeMs)
  // The first token of a stay is sampled by its prefill.
  const decodedTokens = sum(stays.map(({ sampledTokens }) => Math.max(0, sampledTokens - 1)))
  const drafts = stays.flatMap(({ timings: { draft } }) => draft ?? [])
  return {
    ttftMs: (firstTokenAtMs ?? endedAtMs) - acceptedAtMs,
    queueMs: first?.timings.queueMs ?? 0,
    prefillTokensPerSecond: first ? perSecond(first.promptTokens - first.timings.cachedTokens, first.timings.prefillMs) : 0,
    decodeTokensPerSecond: perSecond(decodedTokens, Math.max(0, ...decodeMsOfChoice.values())),
    totalMs: endedAtMs - acceptedAtMs,
    ...(drafts.length > 0
      ? {
          draft: {
            proposedTokens: sum(drafts.map((draft) => draft.proposedTokens)),
            acceptedTokens: sum(drafts.map((draft) => draft.acceptedTokens)),
          },
        }
      : {}),
  }
}
