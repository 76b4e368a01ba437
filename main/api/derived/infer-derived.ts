import type { InferencePort, ModelsPort } from '../api-dependencies.ts'
import { applyDerivedModel } from './apply-derived-model.ts'

/** Inference that knows the user's derived models too. */
export function inferDerived(inference: InferencePort, models: Pick<ModelsPort, 'derived'>): InferencePort {
  return {
    async *infer(request, signal) {
      const derived = await models.derived(request.model)
      yield* inference.infer(derived ? applyDerivedModel(request, derived) : request, signal)
    },
    cancel: (requestId) => inference.cancel(requestId),
  }
}
