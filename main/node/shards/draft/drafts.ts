import { vocabularyDifference } from '../../../domain/generation/vocabulary-difference.ts'
import type { DraftsPort, TokenizerPort } from '../../../router/router-ports.ts'
import { AppError } from '../../../shared/app-error.ts'
import type { ModelId } from '../../../shared/ids.ts'

/** Determines which draft models fit which models. Each pair is compared once. */
export function createDrafts(tokenizer: (modelId: ModelId, signal: AbortSignal) => Promise<TokenizerPort>): DraftsPort {
  /** null: they fit. */
  const obstacles = new Map<string, string | null>()

  async function obstacleOf(modelId: ModelId, draftModelId: ModelId, signal: AbortSignal): Promise<string | null> {
    const [main, draft] = await Promise.all([tokenizer(modelId, signal), tokenizer(draftModelId, signal)])
    const difference = vocabularyDifference(main, draft)
    return difference === null
      ? null
      : `${draftModelId} does not match the vocabulary of ${modelId}: token ${difference} differs. Use a draft model of the same family.`
  }

  return {
    async check(modelId, draftModelId, signal) {
      const pair = JSON.stringify([modelId, draftModelId])
      const known = obstacles.get(pair)
      const obstacle = known === undefined ? await obstacleOf(modelId, draftModelId, signal) : known
      obstacles.set(pair, obstacle)
      if (obstacle !== null) throw new AppError('draft-unsupported', obstacle, { modelId, draftModelId })
    },
  }
}
