import type { InferenceRequest } from '../../shared/inference/inference.ts'
import type { ModelsPort } from '../api-dependencies.ts'
import { applyDerivedModel } from './apply-derived-model.ts'

/** The request as the model that it names is asked, where that is one that the user made of another. */
export async function deriveRequest(models: Pick<ModelsPort, 'derived'>, request: InferenceRequest): Promise<InferenceRequest> {
  const derived = await models.derived(request.model)
  return derived ? applyDerivedModel(request, derived) : request
}
