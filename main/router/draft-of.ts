import { AppError } from '../shared/app-error.ts'
import type { Draft } from '../shared/inference/generation.ts'
import type { ModelId } from '../shared/ids.ts'
import type { DraftsPort, ModelLookup } from './router-ports.ts'

export interface DraftChoice {
  readonly modelId: ModelId
  /** The draft model of the instance. */
  readonly draftModelId: ModelId | null
  /** The draft model named by the request. */
  readonly draftModel: string | undefined
}

/**
 * The draft model of a request: the one that it names, or else that of its instance.
 *
 * @throws AppError `model-not-found` | `draft-unsupported` | …, about the request's field `draft_model`
 */
export async function draftOf(
  { modelId, draftModelId, draftModel }: DraftChoice,
  { models, drafts }: { readonly models: ModelLookup; readonly drafts: DraftsPort },
  signal: AbortSignal,
): Promise<Draft | null> {
  if (draftModel === undefined && draftModelId === null) return null
  try {
    const draftId = draftModel === undefined ? draftModelId : (await models.resolve(draftModel, signal)).modelId
    if (draftId === null) return null
    await drafts.check(modelId, draftId, signal)
    return { modelId: draftId }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    throw new AppError(
      (error as AppError).code,
      `The draft model cannot be used: ${error.message}`,
      { ...error.details, param: 'draft_model' },
      error,
    )
  }
}
