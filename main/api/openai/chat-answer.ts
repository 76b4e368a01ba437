import { AppError } from '../../shared/app-error.ts'
import type { TextToken } from '../../shared/inference/inference.ts'
import type {
  AnswerToolCall,
  ChatChoice,
  ChatCompletion,
  ChatCompletionChunk,
  ChatDelta,
  WireFinishReason,
} from '../../shared/wire/api/openai.ts'
import type { ChatPart, OutputPiece } from '../answer/split-output.ts'
import { textOf } from '../answer/split-output.ts'
import type { AnswerIdentity } from './answer-identity.ts'
import { identityFields } from './answer-identity.ts'
import { DONE } from './data-events.ts'
import { toChatLogprobs } from './logprobs.ts'
import { formatEvent, formatProgress } from '../sending/event-stream.ts'
import { argumentPieces } from '../answer/argument-pieces.ts'
import { SentCalls } from '../answer/sent-calls.ts'
import { toWireTimings, toWireUsage } from '../answer/usage.ts'

export interface ChatAnswerOptions extends AnswerIdentity {
  readonly choices: number
  readonly withLogprobs: boolean
  readonly withTokenIds: boolean
  readonly withUsage: boolean
}

type ChunkChoice = ChatCompletionChunk['choices'][number]
type OutputEnd = Extract<ChatPart, { type: 'output-end' }>

/** The number of tokens in a delta that are reasoning only. */
function reasoningTokensOf({ pieces, tokens }: Extract<ChatPart, { type: 'output-delta' }>): number {
  return pieces.length > 0 && pieces.every((piece) => piece.type === 'reasoning') ? tokens.length : 0
}

const toFinishReason = (finishReason: OutputEnd['finishReason']): WireFinishReason =>
  finishReason === 'tool-calls' ? 'tool_calls' : finishReason

function toToolCalls(pieces: readonly OutputPiece[]): AnswerToolCall[] {
  return pieces.flatMap((piece) =>
    piece.type === 'tool-call'
      ? [{ id: piece.call.id, type: 'function' as const, function: { name: piece.call.name, arguments: piece.call.argumentsJson } }]
      : [],
  )
}

/** The reasoning under both names that clients read. */
const reasoningFieldsOf = (reasoning: string): Pick<ChatDelta, 'reasoning' | 'reasoning_content'> =>
  reasoning === '' ? {} : { reasoning_content: reasoning, reasoning }

/** Converts the output of one choice to deltas. A call's index counts over the whole choice. */
class ChoiceDeltas {
  private readonly told = new SentCalls()
  private readonly indices = new Map<string, number>()

  /** Reasoning and content come first, then each call: first its name, then its arguments. */
  of(pieces: readonly OutputPiece[]): ChatDelta[] {
    const reasoning = textOf(pieces, 'reasoning')
    const content = pieces
      .map((piece) => (piece.type === 'content' || (piece.type === 'call-broken' && !piece.isCut) ? piece.text : ''))
      .join('')
    const calls = pieces.flatMap((piece) => this.ofCall(piece))
    if (reasoning === '' && content === '' && calls.length > 0) return calls
    return [{ ...reasoningFieldsOf(reasoning), ...(content === '' && reasoning !== '' ? {} : { content }) }, ...calls]
  }

  private ofCall(piece: OutputPiece): ChatDelta[] {
    if (piece.type === 'call-begin') return [this.begin(piece)]
    if (piece.type === 'call-arguments') {
      this.told.add(piece.id, piece.text)
      return this.arguments(piece.id, piece.text)
    }
    if (piece.type !== 'tool-call') return []
    const { call } = piece
    const begin = this.told.has(call.id) ? [] : [this.begin(call)]
    return [...begin, ...this.arguments(call.id, this.told.rest(call))]
  }

  private begin({ id, name }: { readonly id: string; readonly name: string }): ChatDelta {
    const index = this.indices.size
    this.indices.set(id, index)
    this.told.begin(id)
    return { tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] }
  }

  private arguments(id: string, json: string): ChatDelta[] {
    const index = this.indices.get(id) ?? 0
    return argumentPieces(json).map((piece) => ({ tool_calls: [{ index, function: { arguments: piece } }] }))
  }
}

/**
 * The events of a streamed answer: its chunks, prefill progress as comments, and `[DONE]` at the end. Nothing is sent
 * before the engine starts, so that an earlier failure can still be an HTTP status.
 */
export async function* toChatEvents(parts: AsyncIterable<ChatPart>, options: ChatAnswerOptions): AsyncGenerator<string> {
  const deltasByChoice = Array.from({ length: options.choices }, () => new ChoiceDeltas())
  let model = ''
  let promptTokenIds: readonly number[] = []
  let hasBegun = false
  let reasoningTokens = 0
  const chunk = (choices: ChunkChoice[], extra: Partial<ChatCompletionChunk> = {}): string =>
    formatEvent({
      ...identityFields(options, model),
      object: 'chat.completion.chunk',
      choices,
      ...(options.withUsage ? { usage: null } : {}),
      ...extra,
    } satisfies ChatCompletionChunk)
  const choice = (
    index: number,
    delta: ChatDelta,
    tokens: readonly TextToken[] = [],
    finishReason: WireFinishReason | null = null,
  ): ChunkChoice => ({
    index,
    delta,
    logprobs: options.withLogprobs && tokens.some((token) => token.isHidden !== true) ? toChatLogprobs(tokens) : null,
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
    if (part.type === 'prefill-progress') yield formatProgress(part)
    if (part.type === 'output-delta') {
      const tellsTokens = part.tokens.length > 0 && (options.withLogprobs || options.withTokenIds)
      const deltas = part.pieces.length > 0 || tellsTokens ? (deltasByChoice[part.choiceIndex]?.of(part.pieces) ?? []) : []
      for (const [place, delta] of deltas.entries()) yield chunk([choice(part.choiceIndex, delta, place === 0 ? part.tokens : [])])
      reasoningTokens += reasoningTokensOf(part)
    }
    if (part.type === 'output-end') yield chunk([choice(part.choiceIndex, {}, [], toFinishReason(part.finishReason))])
    if (part.type === 'inference-end' && options.withUsage)
      yield chunk([], { usage: toWireUsage([part], reasoningTokens), timings: toWireTimings([part]) })
  }
  yield DONE
}

/** Collects the whole answer. */
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
  throw new AppError('instance-failed', 'The answer ended early.')
}

function toChoice(
  end: OutputEnd,
  { pieces, tokens }: { pieces: readonly OutputPiece[]; tokens: readonly TextToken[] },
  options: ChatAnswerOptions,
): ChatChoice {
  const content = textOf(pieces, 'content')
  const reasoning = textOf(pieces, 'reasoning')
  const toolCalls = toToolCalls(pieces)
  return {
    index: end.choiceIndex,
    message: {
      role: 'assistant',
      content: content === '' && toolCalls.length > 0 ? null : content,
      refusal: null,
      ...reasoningFieldsOf(reasoning),
      ...(toolCalls.length > 0 ? { tool_calls: toolCalls } : {}),
    },
    logprobs: options.withLogprobs ? toChatLogprobs(tokens) : null,
    finish_reason: toFinishReason(end.finishReason),
    ...(options.withTokenIds ? { token_ids: tokens.map((token) => token.tokenId) } : {}),
  }
}
