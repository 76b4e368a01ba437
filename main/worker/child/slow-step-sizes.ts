import type { EngineSteps } from './shard-engine.ts'

export interface SizedStep {
  readonly tokens: number
  readonly durationMs: number
}

/** The slowest step of each size since the last call. Sizes are powers of two. */
export class SlowStepSizes {
  #untilMs = Number.NEGATIVE_INFINITY

  since(steps: EngineSteps['steps']): SizedStep[] {
    const slowest = new Map<number, SizedStep>()
    for (const { beginMs, endMs, decodedTokens, prefilledTokens } of steps.slice(firstAfter(steps, this.#untilMs))) {
      const step = { tokens: decodedTokens + prefilledTokens, durationMs: Math.max(0, endMs - beginMs) }
      const size = Math.ceil(Math.log2(Math.max(1, step.tokens)))
      if (step.durationMs >= (slowest.get(size)?.durationMs ?? 0)) slowest.set(size, step)
    }
    this.#untilMs = steps.at(-1)?.endMs ?? this.#untilMs
    return [...slowest.values()]
  }
}

function firstAfter(steps: EngineSteps['steps'], endMs: number): number {
  return steps.findLastIndex((step) => step.endMs <= endMs) + 1
}
