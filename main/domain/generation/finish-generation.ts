import type { EngineFinishReason } from '../../shared/inference/generation.ts'

export interface GenerationProgress {
  readonly tokenIds: readonly number[]
  readonly maxTokens: number
  readonly stopTokenIds: readonly number[]
}

/** Why a sequence is complete already, null while tokens are to come. A generation that is taken up again asks this first. */
export function finishOf({ tokenIds, maxTokens, stopTokenIds }: GenerationProgress): EngineFinishReason | null {
  const last = tokenIds.at(-1)
  if (last !== undefined && stopTokenIds.includes(last)) return 'stop'
  return tokenIds.length >= maxTokens ? 'length' : null
}
