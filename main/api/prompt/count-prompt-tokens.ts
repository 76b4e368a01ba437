import type { InferenceRequest } from '../../shared/inference/inference.ts'
import { acceptedPrompt } from './accepted-prompt.ts'
import type { RunningRequest } from '../answer/running-requests.ts'

export async function countPromptTokens(
  running: RunningRequest,
  question: Pick<InferenceRequest, 'requestId' | 'model' | 'prompt'>,
  signal: AbortSignal,
): Promise<number> {
  return (await acceptedPrompt(running, question, signal)).promptTokenIds.length
}
