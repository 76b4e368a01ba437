import { AppError } from '../shared/app-error.ts'
import type { InferenceRequest } from '../shared/inference.ts'
import { toGenerationSettings } from './generation-settings.ts'
import type { RunningRequest } from './running-requests.ts'

/** Asks for an answer of no tokens, and leaves as soon as the prompt has been accepted. */
export async function countPromptTokens(
  running: RunningRequest,
  question: Pick<InferenceRequest, 'requestId' | 'model' | 'prompt'>,
  signal: AbortSignal,
): Promise<number> {
  const request: InferenceRequest = { ...question, maxTokens: 0, ...toGenerationSettings({}), topLogprobs: null, promptLogprobs: false }
  for await (const { part } of running.infer([request], signal)) if (part.type === 'accepted') return part.promptTokenIds.length
  throw new AppError('instance-failed', 'The prompt was not accepted.')
}
