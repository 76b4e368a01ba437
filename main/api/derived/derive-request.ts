import type { InferenceRequest } from '../../shared/inference/inference.ts'
import type { ModelsPort } from '../api-dependencies.ts'
import { applyDerivedModel } from './apply-derived-model.ts'

/** Applies the derived model that a request names, if it names one. */
export async function deriveRequest(models: Pick<ModelsPort, 'derived'>, request: InferenceRequest): Promise<InferenceRequest> {
  const derived = await models.derived(request.model)
  return derived ? applyDerivedModel(request, derived) : request
}
