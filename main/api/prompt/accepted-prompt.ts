import { AppError } from '../../shared/app-error.ts'
import type { InferencePart, InferenceRequest } from '../../shared/inference/inference.ts'
import { toGenerationSettings } from './generation-settings.ts'
import type { RunningRequest } from '../answer/running-requests.ts'

/** Encodes a prompt with its model: requests an answer of no tokens and stops as soon as the prompt is accepted. */
export async function acceptedPrompt(
  running: RunningRequest,
  question: Pick<InferenceRequest, 'requestId' | 'model' | 'prompt'>,
  signal: AbortSignal,
): Promise<Extract<InferencePart, { type: 'accepted' }>> {
  const request: InferenceRequest = { ...question, maxTokens: 0, ...toGenerationSettings({}), topLogprobs: null, promptLogprobs: false }
  for await (const part of running.infer(request, signal)) if (part.type === 'accepted') return part
  throw new AppError('instance-failed', 'The prompt was not accepted.')
}
