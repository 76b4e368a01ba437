import type { InferenceRequest } from '../shared/inference/inference.ts'
import type { InstanceHandle } from './router-ports.ts'

/** The request, with the model's settings for everything that it does not set. */
export function withDefaults(request: InferenceRequest, { defaults }: Pick<InstanceHandle, 'defaults'>): InferenceRequest {
  if (!defaults) return request
  const { prompt } = request
  const { system } = defaults
  const needsSystem = system !== null && prompt.kind === 'messages' && !prompt.messages.some(({ role }) => role === 'system')
  return {
    ...request,
    maxTokens: request.maxTokens ?? defaults.maxTokens,
    ...(needsSystem ? { prompt: { ...prompt, messages: [{ role: 'system' as const, content: system }, ...prompt.messages] } } : {}),
  }
}
