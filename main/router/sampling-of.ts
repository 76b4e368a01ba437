import { chooseSampling, type ModelManner } from '../domain/generation/choose-sampling.ts'
import type { GenerationSpec } from '../shared/inference/generation.ts'
import type { InferenceRequest } from '../shared/inference/inference.ts'

/** How the engine samples a choice: what the request says, and the model's own manner for the rest. */
export function samplingOf(request: InferenceRequest, manner: ModelManner, seed: string): GenerationSpec['sampling'] {
  const { prompt, presencePenalty, frequencyPenalty, logitBias } = request
  const isThinkingOff =
    prompt.kind === 'messages' && (prompt.templateVariables['enable_thinking'] === false || prompt.templateVariables['thinking'] === false)
  return {
    ...chooseSampling(request, manner, isThinkingOff),
    presencePenalty,
    frequencyPenalty,
    logitBias: logitBias.map(([id, bias]) => [id, bias]),
    seed,
  }
}
