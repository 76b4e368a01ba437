import { allowTokens } from '../domain/generation/allow-tokens.ts'
import { AppError } from '../shared/app-error.ts'
import type { InferenceRequest } from '../shared/inference/inference.ts'
import { refuseUnknownIds } from './refuse-unknown-ids.ts'
import type { EncodedPrompt, InstanceHandle, TokenizerPort } from './router-ports.ts'

/**
 * The prompt in token ids. A prompt that cannot fit is refused by its length alone, because long texts take long to
 * encode.
 *
 * @throws AppError `invalid-request` for an empty prompt or for ids that the vocabulary lacks; `context-exceeded`
 */
export async function preparePrompt(
  request: InferenceRequest,
  { tokenizer, contextTokens }: Pick<InstanceHandle, 'tokenizer' | 'contextTokens'>,
  signal: AbortSignal,
): Promise<EncodedPrompt> {
  const { prompt, logitBias, maxTokens, tokenRules } = request
  const last = tokenRules?.lastPromptTokens
  const isCut = last !== undefined || tokenRules?.cutsPromptEnd === true
  if (prompt.kind === 'token-ids' && !isCut) allowTokens({ promptTokens: prompt.tokenIds.length, contextTokens, maxTokens })
  refuseUnknownIds(
    logitBias.map(([tokenId]) => tokenId),
    tokenizer.vocabSize,
    'logit_bias',
  )
  const whole = withPreceding(prompt, await encode(prompt, tokenizer, isCut ? Infinity : contextTokens, signal), tokenizer)
  const encoded =
    last === undefined
      ? tokenRules?.cutsPromptEnd
        ? firstTokens(whole, Math.max(1, contextTokens - (maxTokens ?? 1)), tokenizer)
        : whole
      : lastTokens(whole, last >= 0 ? last : Math.max(1, contextTokens - (maxTokens ?? 1)), tokenizer)
  if (encoded.tokenIds.length === 0) throw new AppError('invalid-request', 'The prompt is empty.', { param: 'prompt' })
  return encoded
}

async function encode(
  prompt: InferenceRequest['prompt'],
  tokenizer: TokenizerPort,
  contextTokens: number,
  signal: AbortSignal,
): Promise<EncodedPrompt> {
  switch (prompt.kind) {
    case 'messages':
      return tokenizer.encodeChat(prompt, signal, { contextTokens })
    case 'text':
      return { text: prompt.text, tokenIds: await tokenizer.encode(prompt.text, signal, { contextTokens, ...partsOf(prompt) }) }
    case 'token-ids':
      refuseUnknownIds(prompt.tokenIds, tokenizer.vocabSize, 'prompt')
      return { text: tokenizer.decode(prompt.tokenIds), tokenIds: prompt.tokenIds }
  }
}

function withPreceding(prompt: InferenceRequest['prompt'], encoded: EncodedPrompt, tokenizer: TokenizerPort): EncodedPrompt {
  const preceding = prompt.kind === 'token-ids' ? [] : (prompt.precedingTokenIds ?? [])
  if (preceding.length === 0) return encoded
  refuseUnknownIds(preceding, tokenizer.vocabSize, 'context')
  return { ...encoded, text: tokenizer.decode(preceding) + encoded.text, tokenIds: [...preceding, ...encoded.tokenIds] }
}

function lastTokens(prompt: EncodedPrompt, count: number, tokenizer: TokenizerPort): EncodedPrompt {
  if (prompt.tokenIds.length <= count) return prompt
  const tokenIds = prompt.tokenIds.slice(-count)
  return { ...prompt, text: tokenizer.decode(tokenIds), tokenIds }
}

function firstTokens(prompt: EncodedPrompt, count: number, tokenizer: TokenizerPort): EncodedPrompt {
  if (prompt.tokenIds.length <= count) return prompt
  const tokenIds = prompt.tokenIds.slice(0, count)
  return { ...prompt, text: tokenizer.decode(tokenIds), tokenIds }
}

function partsOf({ suffix, addSpecialTokens }: Extract<InferenceRequest['prompt'], { kind: 'text' }>): {
  suffix?: string
  addSpecialTokens?: boolean
} {
  return { ...(suffix === undefined ? {} : { suffix }), ...(addSpecialTokens === undefined ? {} : { addSpecialTokens }) }
}
