import { allowTokens } from '../domain/generation/allow-tokens.ts'
import { AppError } from '../shared/app-error.ts'
import type { EmbeddingTask, InferenceRequest } from '../shared/inference/inference.ts'
import { refuseUnknownIds } from './refuse-unknown-ids.ts'
import type { EncodedPrompt, InstanceHandle, PairPrompt, TokenizerPort } from './router-ports.ts'

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
  if (prompt.kind === 'pair') return encodePair(prompt, tokenizer, contextTokens, signal)
  const mostTokens = Math.max(1, contextTokens - (maxTokens ?? 1))
  const whole = withPreceding(
    prompt,
    await encode(prompt, tokenizer, isCut ? Infinity : contextTokens, tokenRules?.cutsPromptEnd ? mostTokens : null, signal),
    tokenizer,
  )
  const encoded =
    last === undefined
      ? tokenRules?.cutsPromptEnd
        ? firstTokens(whole, mostTokens, tokenizer)
        : whole
      : lastTokens(whole, last >= 0 ? last : mostTokens, tokenizer)
  if (encoded.tokenIds.length === 0) throw new AppError('invalid-request', 'The prompt is empty.', { param: 'prompt' })
  return encoded
}

async function encode(
  prompt: Exclude<InferenceRequest['prompt'], PairPrompt>,
  tokenizer: TokenizerPort,
  contextTokens: number,
  mostTokens: number | null,
  signal: AbortSignal,
): Promise<EncodedPrompt> {
  switch (prompt.kind) {
    case 'messages':
      return tokenizer.encodeChat(prompt, signal, { contextTokens })
    case 'text':
      return {
        text: prompt.text,
        tokenIds: await tokenizer.encode(prompt.text, signal, {
          contextTokens,
          ...(mostTokens === null ? {} : { mostTokens }),
          ...partsOf(prompt),
        }),
      }
    case 'token-ids':
      refuseUnknownIds(prompt.tokenIds, tokenizer.vocabSize, 'prompt')
      return { text: tokenizer.decode(prompt.tokenIds), tokenIds: prompt.tokenIds }
  }
}

async function encodePair(
  prompt: PairPrompt,
  tokenizer: TokenizerPort,
  contextTokens: number,
  signal: AbortSignal,
): Promise<EncodedPrompt> {
  if (tokenizer.encodePair) return tokenizer.encodePair(prompt, contextTokens, signal)
  throw new AppError('invalid-request', 'The node that runs the model does not rerank: its version of exo is older. Update it.')
}

function withPreceding(
  prompt: Exclude<InferenceRequest['prompt'], PairPrompt>,
  encoded: EncodedPrompt,
  tokenizer: TokenizerPort,
): EncodedPrompt {
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

function partsOf({ suffix, addSpecialTokens, task }: Extract<InferenceRequest['prompt'], { kind: 'text' }>): {
  suffix?: string
  addSpecialTokens?: boolean
  task?: EmbeddingTask
} {
  return {
    ...(suffix === undefined ? {} : { suffix }),
    ...(addSpecialTokens === undefined ? {} : { addSpecialTokens }),
    ...(task === undefined ? {} : { task }),
  }
}
