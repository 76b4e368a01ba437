import type { EngineFinishReason } from '../../shared/inference/generation.ts'

export interface GenerationProgress {
  readonly tokenIds: readonly number[]
  readonly maxTokens: number
  readonly stopTokenIds: readonly number[]
}

/** Why a sequence is already complete; null while further tokens are expected. A resumed generation checks this first. */
export function finishOf({ tokenIds, maxTokens, stopTokenIds }: GenerationProgress): EngineFinishReason | null {
  const last = tokenIds.at(-1)
  if (last !== undefined && stopTokenIds.includes(last)) return 'stop'
  return tokenIds.length >= maxTokens ? 'length' : null
}
