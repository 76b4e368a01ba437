import type { EngineSteps } from './shard-engine.ts'

export interface SizedStep {
  readonly tokens: number
  readonly durationMs: number
  readonly cpuMs: number
}

/** Of each size, the longest time and the most processor time of a step since the last call. Sizes are powers of two. */
export class SlowStepSizes {
  #untilMs = Number.NEGATIVE_INFINITY

  since(steps: EngineSteps['steps']): SizedStep[] {
    const slowest = new Map<number, SizedStep>()
    for (const { beginMs, endMs, tokens, cpuMs } of steps.slice(firstAfter(steps, this.#untilMs))) {
      const size = Math.ceil(Math.log2(Math.max(1, tokens)))
      const before = slowest.get(size)
      slowest.set(size, {
        tokens: Math.max(before?.tokens ?? 0, tokens),
        durationMs: Math.max(before?.durationMs ?? 0, endMs - beginMs),
        cpuMs: Math.max(before?.cpuMs ?? 0, cpuMs),
      })
    }
    this.#untilMs = steps.at(-1)?.endMs ?? this.#untilMs
    return [...slowest.values()]
  }
}

function firstAfter(steps: EngineSteps['steps'], endMs: number): number {
  return steps.findLastIndex((step) => step.endMs <= endMs) + 1
}
