/** The arrival times of a generation's tokens, by the clock of the measuring process. */
export interface TokenTimes {
  readonly promptTokens: number
  readonly startMs: number
  /** One for each sampled token. */
  readonly tokenMs: readonly number[]
}

export interface RunFigures {
  readonly ttftMs: number
  readonly prefillTokensPerSecond: number
  /** Measured from the first token to the last. */
  readonly decodeTokensPerSecond: number
}

/**
 * Computes the figures of a run in the same way for every contestant.
 *
 * @throws RangeError for fewer than two tokens, which have no rate
 */
export function measureRun({ promptTokens, startMs, tokenMs }: TokenTimes): RunFigures {
  const firstMs = tokenMs[0]
  const lastMs = tokenMs.at(-1)
  if (firstMs === undefined || lastMs === undefined || tokenMs.length < 2)
    throw new RangeError(`a run of ${tokenMs.length} tokens has no rate`)
  const ttftMs = firstMs - startMs
  return {
    ttftMs,
    prefillTokensPerSecond: (promptTokens / ttftMs) * 1000,
    decodeTokensPerSecond: ((tokenMs.length - 1) / (lastMs - firstMs)) * 1000,
  }
}
