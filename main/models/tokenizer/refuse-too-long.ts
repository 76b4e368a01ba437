import { AppError } from '../../shared/app-error.ts'

/** @throws AppError `context-exceeded` for a text that has more tokens than fit in the context, however it is split */
export function refuseTooLong(text: string, longestTokenBytes: number, contextTokens: number): void {
  const leastTokens = Math.ceil(Buffer.byteLength(text) / longestTokenBytes)
  if (leastTokens <= contextTokens) return
  throw new AppError(
    'context-exceeded',
    `The model is loaded with a context of ${contextTokens} tokens, and the prompt has ${leastTokens} at ` +
      'the very least. Shorten the prompt, or load the model with a longer context.',
    { promptTokens: leastTokens, contextTokens },
  )
}
