import { AppError } from '../../shared/app-error.ts'
import type { TextToken } from '../../shared/inference.ts'
import type { AnswerToolCall, ChatChoice, ChatCompletion, ChatCompletionChunk, ChatDelta, WireFinishReason } from '../../shared/wire/openai.ts'
import type { ChatPart, OutputPiece } from '../split-output.ts'
import { textOf } from '../split-output.ts'
import type { AnswerIdentity } from './answer-identity.ts'
import { identityFields } from './answer-identity.ts'
import type { PrefillProgress } from './data-events.ts'
import { toChatLogprobs } from './logprobs.ts'
import { argumentPieces } from '../argument-pieces.ts'
import { toWireTimings, toWireUsage } from '../usage.ts'

export interface ChatAnswerOptions extends AnswerIdentity {
  readonly choices: number
  readonly withLogprobs: boolean
  readonly withTokenIds: boolean
  readonly withUsage: boolean
}

type ChunkChoice = ChatCompletionChunk['choices'][number]
type OutputEnd = Extract<ChatPart, { type: 'output-end' }>

/** How many tokens of a delta are only reasoning. */
function reasoningTokensOf({ pieces, tokens }: Extract<ChatPart, { type: 'output-delta' }>): number {
  return pieces.length > 0 && pieces.every((piece) => piece.type === 'reasoning') ? tokens.length : 0
}

const toFinishReason = (finishReason: OutputEnd['finishReason']): WireFinishReason => (finishReason === 'tool-calls' ? 'tool_calls' : finishReason)

function toToolCalls(pieces: readonly OutputPiece[]): AnswerToolCall[] {
  return pieces.flatMap((piece) =>
    piece.type === 'tool-call' ? [{ id: piece.call.id, type: 'function' as const, function: { name: piece.call.name, arguments: piece.call.argumentsJson } }] : [],
  )
}

/**
 * Reasoning and content come first, then each call: its name, and after that its arguments.
 *
 * @param callsBefore - that this choice has made already: a call's index counts over the whole choice
 */
function toDeltas(pieces: readonly OutputPiece[], callsBefore: number): ChatDelta[] {
  const reasoning = textOf(pieces, 'reasoning')
  const content = textOf(pieces, 'content')
  const calls = toToolCalls(pieces).flatMap(({ function: { name, arguments: args }, ...call }, place): ChatDelta[] => {
    const index = callsBefore + place
    return [{ tool_calls: [{ index, ...call, function: { name, arguments: '' } }] }, ...argumentPieces(args).map((piece) => ({ tool_calls: [{ index, function: { arguments: piece } }] }))]
  })
  if (reasoning === '' && content === '' && calls.length > 0) return calls
  return [{ ...(reasoning === '' ? {} : { reasoning_content: reasoning }), ...(content === '' && reasoning !== '' ? {} : { content }) }, ...calls]
}

/** The chunks of a streamed answer. Nothing is sent before the engine has begun: until then a failure can be a status. */
export async function* toChatChunks(parts: AsyncIterable<ChatPart>, options: ChatAnswerOptions): AsyncGenerator<ChatCompletionChunk | PrefillProgress> {
  const callsByChoice = new Map<number, number>()
  let model = ''
  let promptTokenIds: readonly number[] = []
  let hasBegun = false
  let reasoningTokens = 0
  const chunk = (choices: ChunkChoice[], extra: Partial<ChatCompletionChunk> = {}): ChatCompletionChunk => ({
    ...identityFields(options, model),
    object: 'chat.completion.chunk',
    choices,
    ...(options.withUsage ? { usage: null } : {}),
    ...extra,
  })
  const choice = (index: number, delta: ChatDelta, tokens: readonly TextToken[] = [], finishReason: WireFinishReason | null = null): ChunkChoice => ({
    index,
    delta,
    logprobs: options.withLogprobs && tokens.length > 0 ? toChatLogprobs(tokens) : null,
    finish_reason: finishReason,
    ...(options.withTokenIds ? { token_ids: tokens.map((token) => token.tokenId) } : {}),
  })
  for await (const part of parts) {
    if (part.type === 'accepted') {
      model = part.modelId
      promptTokenIds = part.promptTokenIds
      continue
    }
    if (!hasBegun) {
      hasBegun = true
      const prompt = options.withTokenIds ? { prompt_token_ids: [...promptTokenIds] } : {}
      for (let index = 0; index < options.choices; index += 1) yield chunk([choice(index, { role: 'assistant', content: '' })], prompt)
    }
    if (part.type === 'prefill-progress') yield part
    if (part.type === 'output-delta') {
      const callsBefore = callsByChoice.get(part.choiceIndex) ?? 0
      const tellsTokens = part.tokens.length > 0 && (options.withLogprobs || options.withTokenIds)
      const deltas = part.pieces.length > 0 || tellsTokens ? toDeltas(part.pieces, callsBefore) : []
      for (const [place, delta] of deltas.entries()) yield chunk([choice(part.choiceIndex, delta, place === 0 ? part.tokens : [])])
      reasoningTokens += reasoningTokensOf(part)
      callsByChoice.set(part.choiceIndex, callsBefore + toToolCalls(part.pieces).length)
    }
    if (part.type === 'output-end') yield chunk([choice(part.choiceIndex, {}, [], toFinishReason(part.finishReason))])
    if (part.type === 'inference-end' && options.withUsage) yield chunk([], { usage: toWireUsage([part], reasoningTokens), timings: toWireTimings([part]) })
  }
}

/** The whole answer, when it has come. */
export async function collectChat(parts: AsyncIterable<ChatPart>, options: ChatAnswerOptions): Promise<ChatCompletion> {
  const outputs = Array.from({ length: options.choices }, () => ({ pieces: [] as OutputPiece[], tokens: [] as TextToken[] }))
  const choices: ChatChoice[] = []
  let model = ''
  let promptTokenIds: readonly number[] = []
  let reasoningTokens = 0
  for await (const part of parts) {
    if (part.type === 'accepted') {
      model = part.modelId
      promptTokenIds = part.promptTokenIds
    }
    if (part.type === 'output-delta') {
      reasoningTokens += reasoningTokensOf(part)
      outputs[part.choiceIndex]?.pieces.push(...part.pieces)
      outputs[part.choiceIndex]?.tokens.push(...part.tokens)
    }
    if (part.type === 'output-end') choices.push(toChoice(part, outputs[part.choiceIndex] ?? { pieces: [], tokens: [] }, options))
    if (part.type === 'inference-end') {
      return {
        ...identityFields(options, model),
        object: 'chat.completion',
        ...(options.withTokenIds ? { prompt_token_ids: [...promptTokenIds] } : {}),
        choices: choices.sort((left, right) => left.index - right.index),
        usage: toWireUsage([part], reasoningTokens),
        timings: toWireTimings([part]),
      }
    }
  }
  throw new AppError('instance-failed', 'The answer ended before it was whole.')
}

function toChoice(end: OutputEnd, { pieces, tokens }: { pieces: readonly OutputPiece[]; tokens: readonly TextToken[] }, options: ChatAnswerOptions): ChatChoice {
  const content = textOf(pieces, 'content')
  const reasoning = textOf(pieces, 'reasoning')
  const toolCalls = toToolCalls(pieces)
  return {
    index: end.choiceIndex,
    message: {
      role: 'assistant',
      content: content === '' && toolCalls.length > 0 ? null : content,
      refusal: null,
      ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
      ...(toolCalls.length > 0 ? { tool_calls: toolCalls } : {}),
    },
    logprobs: options.withLogprobs ? toChatLogprobs(tokens) : null,
    finish_reason: toFinishReason(end.finishReason),
    ...(options.withTokenIds ? { token_ids: tokens.map((token) => token.tokenId) } : {}),
  }
}
