import type { InferencePart, TextToken } from '../../shared/inference.ts'
import type { ChatChoice, ChatCompletion, ChatCompletionChunk } from '../../shared/wire/openai.ts'
import { AppError } from '../../shared/app-error.ts'
import { toChatLogprobs } from './logprobs.ts'
import type { AnswerIdentity } from './answer-identity.ts'
import { identityFields } from './answer-identity.ts'
import type { PrefillProgress } from './event-stream.ts'
import { toWireTimings, toWireUsage } from './usage.ts'

export interface ChatAnswerOptions extends AnswerIdentity {
  readonly choices: number
  readonly withLogprobs: boolean
  readonly withTokenIds: boolean
  readonly withUsage: boolean
}

type Delta = ChatCompletionChunk['choices'][number]

/** The chunks of a streamed answer. Nothing is sent before the engine has begun: until then a failure can be a status. */
export async function* toChatChunks(parts: AsyncIterable<InferencePart>, options: ChatAnswerOptions): AsyncGenerator<ChatCompletionChunk | PrefillProgress> {
  const usageSoFar = options.withUsage ? { usage: null } : {}
  let model = ''
  let hasBegun = false
  const chunk = (choices: Delta[], extra: Partial<ChatCompletionChunk> = {}): ChatCompletionChunk => ({
    ...identityFields(options, model),
    object: 'chat.completion.chunk',
    choices,
    ...usageSoFar,
    ...extra,
  })
  const delta = (index: number, content: Delta['delta'], tokens: readonly TextToken[], finishReason: Delta['finish_reason'] = null): Delta => ({
    index,
    delta: content,
    logprobs: options.withLogprobs && tokens.length > 0 ? toChatLogprobs(tokens) : null,
    finish_reason: finishReason,
    ...(options.withTokenIds ? { token_ids: tokens.map((token) => token.tokenId) } : {}),
  })
  let promptTokenIds: readonly number[] = []
  for await (const part of parts) {
    if (part.type === 'accepted') {
      model = part.modelId
      promptTokenIds = part.promptTokenIds
      continue
    }
    if (!hasBegun) {
      hasBegun = true
      for (let index = 0; index < options.choices; index += 1) {
        yield chunk([delta(index, { role: 'assistant', content: '' }, [])], options.withTokenIds ? { prompt_token_ids: [...promptTokenIds] } : {})
      }
    }
    if (part.type === 'prefill-progress') yield part
    if (part.type === 'text-delta') {
      const tellsTokens = part.tokens.length > 0 && (options.withLogprobs || options.withTokenIds)
      if (part.text !== '' || tellsTokens) yield chunk([delta(part.choiceIndex, { content: part.text }, part.tokens)])
    }
    if (part.type === 'choice-end') yield chunk([delta(part.choiceIndex, {}, [], part.finishReason)])
    if (part.type === 'inference-end' && options.withUsage) yield chunk([], { usage: toWireUsage([part]), timings: toWireTimings([part]) })
  }
}

/** The whole answer, when it has come. */
export async function collectChat(parts: AsyncIterable<InferencePart>, options: ChatAnswerOptions): Promise<ChatCompletion> {
  const texts = Array.from({ length: options.choices }, () => '')
  const tokens = Array.from({ length: options.choices }, (): TextToken[] => [])
  const choices: ChatChoice[] = []
  let model = ''
  let promptTokenIds: readonly number[] = []
  for await (const part of parts) {
    if (part.type === 'accepted') {
      model = part.modelId
      promptTokenIds = part.promptTokenIds
    }
    if (part.type === 'text-delta') {
      texts[part.choiceIndex] += part.text
      tokens[part.choiceIndex]?.push(...part.tokens)
    }
    if (part.type === 'choice-end') {
      const choiceTokens = tokens[part.choiceIndex] ?? []
      choices.push({
        index: part.choiceIndex,
        message: { role: 'assistant', content: texts[part.choiceIndex] ?? '', refusal: null },
        logprobs: options.withLogprobs ? toChatLogprobs(choiceTokens) : null,
        finish_reason: part.finishReason,
        ...(options.withTokenIds ? { token_ids: choiceTokens.map((token) => token.tokenId) } : {}),
      })
    }
    if (part.type === 'inference-end') {
      return {
        ...identityFields(options, model),
        object: 'chat.completion',
        ...(options.withTokenIds ? { prompt_token_ids: [...promptTokenIds] } : {}),
        choices: choices.sort((left, right) => left.index - right.index),
        usage: toWireUsage([part]),
        timings: toWireTimings([part]),
      }
    }
  }
  throw new AppError('instance-failed', 'The answer ended before it was whole.')
}
