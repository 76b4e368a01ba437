import type { TokenTimes } from '../measure-run.ts'

/** One run: a prompt evaluated, then tokens sampled greedily, whatever they are. */
export interface RunRequest {
  readonly promptTokenIds: readonly number[]
  readonly maxTokens: number
}

/** A program with one model loaded. It rests while the other one runs. */
export interface Contestant {
  readonly name: string
  run(request: RunRequest): Promise<TokenTimes>
  /** Highest so far, of all its processes. */
  peakMemoryBytes(): number
  stop(): Promise<void>
}
