import { AppError } from '../../shared/app-error.ts'
import type { InferenceRequest, TextToken } from '../../shared/inference/inference.ts'
import type { RunningRequest } from '../answer/running-requests.ts'
import { toGenerationSettings } from '../prompt/generation-settings.ts'

/** The tokens of a prompt with their texts. The model reads the prompt, since it reports texts only with probabilities. */
export async function promptTokens(
  running: RunningRequest,
  question: Pick<InferenceRequest, 'requestId' | 'model' | 'prompt'>,
  signal: AbortSignal,
): Promise<readonly TextToken[]> {
  const request: InferenceRequest = { ...question, maxTokens: 0, ...toGenerationSettings({}), topLogprobs: 0, promptLogprobs: true }
  for await (const part of running.infer(request, signal)) if (part.type === 'prompt-tokens') return part.tokens
  throw new AppError('instance-failed', 'The tokens of the prompt were not reported.')
}

/** The text of a token, or its bytes if they are not whole characters. */
export function pieceOf({ bytes }: Pick<TextToken, 'bytes'>): string | number[] {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes))
  } catch {
    return [...bytes]
  }
}
