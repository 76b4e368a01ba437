import type { TokenTimes } from '../measure-run.ts'

/** One run: evaluates a prompt and samples tokens greedily, past any end token. */
export interface RunRequest {
  readonly promptTokenIds: readonly number[]
  readonly maxTokens: number
}

/** A program with one model loaded. It is idle while the other one runs. */
export interface Contestant {
  readonly name: string
  run(request: RunRequest): Promise<TokenTimes>
  /** The peak memory of all its processes so far. */
  peakMemoryBytes(): number
  stop(): Promise<void>
}
