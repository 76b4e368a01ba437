import type { DerivedModel } from '../../shared/wire/api/derived-model.ts'
import type { ChatMessage, InferenceRequest, Prompt } from '../../shared/inference/inference.ts'
import { toGenerationSettings } from '../prompt/generation-settings.ts'
import { withTemplate } from './with-template.ts'

function withOwnMessages(prompt: Prompt, { system, messages }: DerivedModel): Prompt {
  if (prompt.kind !== 'messages') return prompt
  const hasSystem = prompt.messages[0]?.role === 'system'
  const [first, ...rest] = prompt.messages
  const own: ChatMessage[] = [
    ...(system && !hasSystem ? [{ role: 'system' as const, content: system }] : []),
    ...(hasSystem && first ? [first] : []),
    ...messages,
  ]
  return { ...prompt, messages: [...own, ...(hasSystem ? rest : prompt.messages)] }
}

/** Turns a request for a derived model into one for its base model. The derived model fills in settings that the request omits. */
export function applyDerivedModel(request: InferenceRequest, derived: DerivedModel): InferenceRequest {
  const { parameters } = derived
  const own = toGenerationSettings({ ...parameters, repetition_penalty: parameters.repeat_penalty })
  const mostTokens = parameters.num_predict ?? -1
  return {
    ...request,
    model: derived.from,
    prompt: withTemplate(withOwnMessages(request.prompt, derived), derived.template),
    maxTokens: request.maxTokens ?? (mostTokens > 0 ? mostTokens : null),
    stop: request.stop.length > 0 ? request.stop : own.stop,
    seed: request.seed ?? own.seed,
    temperature: request.temperature ?? own.temperature,
    topP: request.topP ?? own.topP,
    topK: request.topK ?? own.topK,
    minP: request.minP ?? own.minP,
    repetitionPenalty: request.repetitionPenalty ?? own.repetitionPenalty,
    presencePenalty: request.presencePenalty === 0 ? own.presencePenalty : request.presencePenalty,
    frequencyPenalty: request.frequencyPenalty === 0 ? own.frequencyPenalty : request.frequencyPenalty,
    ...(request.contextTokens === undefined && parameters.num_ctx ? { contextTokens: parameters.num_ctx } : {}),
  }
}
