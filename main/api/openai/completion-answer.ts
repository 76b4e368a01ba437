import type { TextToken } from '../../shared/inference/inference.ts'
import type { Completion, CompletionChoice, CompletionChunk } from '../../shared/wire/api/openai-completions.ts'
import type { IndexedPart } from '../answer/running-requests.ts'
import type { AnswerIdentity } from './answer-identity.ts'
import { identityFields } from './answer-identity.ts'
import { formatEvent, formatProgress } from '../sending/event-stream.ts'
import { DONE } from './data-events.ts'
import { textUnits, toCompletionLogprobs } from './logprobs.ts'
import type { InferenceSummary } from '../answer/usage.ts'
import { toWireTimings, toWireUsage } from '../answer/usage.ts'

export interface CompletionAnswerOptions extends AnswerIdentity {
  /** Choices per prompt; a choice's index counts over all prompts. */
  readonly choicesPerPrompt: number
  readonly echo: boolean
  readonly withLogprobs: boolean
  readonly withTokenIds: boolean
  readonly withUsage: boolean
}

type ChunkChoice = CompletionChunk['choices'][number]

/** State of one prompt while its choices arrive. */
interface PromptState {
  text: string
  tokenIds: readonly number[]
  tokens: readonly TextToken[]
}

/** Follows the parts of all prompts and turns each into the piece that it adds to a choice, if any. */
class CompletionFold {
  readonly summaries: InferenceSummary[] = []
  model = ''
  private readonly options: CompletionAnswerOptions
  private readonly prompts = new Map<number, PromptState>()
  /**
   * The position in each choice's text where its next token starts. It differs from the text's length, because text is
   * held back while a stop string may follow.
   */
  private readonly tokenStarts = new Map<number, number>()

  constructor(options: CompletionAnswerOptions) {
    this.options = options
  }

  add({ promptIndex, part }: IndexedPart): ChunkChoice | null {
    if (part.type === 'accepted') {
      this.model = part.modelId
      this.prompts.set(promptIndex, { text: part.promptText, tokenIds: part.promptTokenIds, tokens: [] })
    }
    const prompt = this.prompts.get(promptIndex)
    if (part.type === 'prompt-tokens' && prompt) prompt.tokens = part.tokens
    if (part.type === 'inference-end') this.summaries.push(part)
    if (part.type === 'text-delta') return this.piece(promptIndex, part.choiceIndex, part.text, part.tokens, null)
    if (part.type === 'choice-end') return this.piece(promptIndex, part.choiceIndex, '', [], part.finishReason)
    return null
  }

  private piece(
    promptIndex: number,
    choiceIndex: number,
    text: string,
    tokens: readonly TextToken[],
    finishReason: ChunkChoice['finish_reason'],
  ): ChunkChoice {
    const { echo, withLogprobs, withTokenIds, choicesPerPrompt } = this.options
    const prompt = this.prompts.get(promptIndex)
    const index = promptIndex * choicesPerPrompt + choiceIndex
    const isFirst = !this.tokenStarts.has(index)
    const start = this.tokenStarts.get(index) ?? 0
    const echoes = echo && isFirst && prompt !== undefined
    const shownTokens = echoes ? [...prompt.tokens, ...tokens] : tokens
    this.tokenStarts.set(
      index,
      shownTokens.reduce((position, token) => position + textUnits(token.bytes), start),
    )
    return {
      index,
      text: echoes ? prompt.text + text : text,
      logprobs: withLogprobs && shownTokens.length > 0 ? toCompletionLogprobs(shownTokens, start) : null,
      finish_reason: finishReason,
      ...(withTokenIds ? { token_ids: tokens.map((token) => token.tokenId) } : {}),
      ...(withTokenIds && isFirst && prompt ? { prompt_token_ids: [...prompt.tokenIds] } : {}),
    }
  }
}

/** The events of a streamed answer: its chunks, prefill progress as comments, and `[DONE]` at the end. */
export async function* toCompletionEvents(parts: AsyncIterable<IndexedPart>, options: CompletionAnswerOptions): AsyncGenerator<string> {
  const fold = new CompletionFold(options)
  const chunk = (choices: ChunkChoice[], extra: Partial<CompletionChunk>): string =>
    formatEvent({
      ...identityFields(options, fold.model),
      object: 'text_completion',
      choices,
      ...(options.withUsage ? { usage: null } : {}),
      ...extra,
    } satisfies CompletionChunk)
  for await (const indexed of parts) {
    if (indexed.part.type === 'prefill-progress') yield formatProgress(indexed.part)
    const choice = fold.add(indexed)
    const saysSomething =
      choice !== null &&
      (choice.text !== '' || choice.finish_reason !== null || choice.logprobs !== null || (choice.token_ids?.length ?? 0) > 0)
    if (saysSomething) yield chunk([choice], {})
  }
  if (options.withUsage) yield chunk([], { usage: toWireUsage(fold.summaries), timings: toWireTimings(fold.summaries) })
  yield DONE
}

export async function collectCompletion(parts: AsyncIterable<IndexedPart>, options: CompletionAnswerOptions): Promise<Completion> {
  const fold = new CompletionFold(options)
  const choices = new Map<number, CompletionChoice>()
  for await (const indexed of parts) {
    const piece = fold.add(indexed)
    if (piece) choices.set(piece.index, joinPieces(choices.get(piece.index), piece, options.withLogprobs))
  }
  return {
    ...identityFields(options, fold.model),
    object: 'text_completion',
    choices: [...choices.values()].sort((left, right) => left.index - right.index),
    usage: toWireUsage(fold.summaries),
    timings: toWireTimings(fold.summaries),
  }
}

/** Adds to a choice in place, because an answer has as many pieces as tokens. */
function joinPieces(choice: CompletionChoice | undefined, piece: ChunkChoice, withLogprobs: boolean): CompletionChoice {
  const joined = choice ?? {
    ...piece,
    text: '',
    logprobs: withLogprobs ? { tokens: [], token_logprobs: [], top_logprobs: [], text_offset: [] } : null,
    finish_reason: 'stop',
    ...(piece.token_ids ? { token_ids: [] } : {}),
  }
  joined.text += piece.text
  joined.token_ids?.push(...(piece.token_ids ?? []))
  if (piece.finish_reason) joined.finish_reason = piece.finish_reason
  if (piece.logprobs && joined.logprobs) {
    joined.logprobs.tokens.push(...piece.logprobs.tokens)
    joined.logprobs.token_logprobs.push(...piece.logprobs.token_logprobs)
    joined.logprobs.top_logprobs.push(...piece.logprobs.top_logprobs)
    joined.logprobs.text_offset.push(...piece.logprobs.text_offset)
  }
  return joined
}
