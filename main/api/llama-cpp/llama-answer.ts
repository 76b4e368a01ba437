import type { InferencePart } from '../../shared/inference/inference.ts'
import type { LlamaAnswer } from '../../shared/wire/api/llama-cpp.ts'
import { formatEvent } from '../sending/event-stream.ts'

type InferenceEnd = Extract<InferencePart, { type: 'inference-end' }>
type ChoiceEnd = Extract<InferencePart, { type: 'choice-end' }>

function stopOf({ finishReason, stopString }: ChoiceEnd): Pick<LlamaAnswer, 'stop_type' | 'stopping_word'> {
  const type = finishReason === 'length' ? 'limit' : stopString === null ? (finishReason === 'stop' ? 'eos' : 'none') : 'word'
  return { stop_type: type, stopping_word: stopString ?? '' }
}

function timingsOf({ usage, timings }: InferenceEnd): LlamaAnswer['timings'] {
  const { promptTokens, cachedTokens, completionTokens } = usage
  return {
    prompt_n: promptTokens - cachedTokens,
    prompt_ms: timings.ttftMs,
    prompt_per_second: timings.prefillTokensPerSecond,
    predicted_n: completionTokens,
    predicted_ms: Math.max(0, timings.totalMs - timings.ttftMs),
    predicted_per_second: timings.decodeTokensPerSecond,
  }
}

/** Pieces of the answer as they arrive; the last one has `stop: true` and the counts. */
async function* toLlamaAnswers(parts: AsyncIterable<InferencePart>): AsyncGenerator<LlamaAnswer> {
  let model = ''
  let ending: ChoiceEnd | null = null
  for await (const part of parts) {
    if (part.type === 'accepted') model = part.modelId
    if (part.type === 'choice-end') ending = part
    if (part.type === 'text-delta' && (part.text !== '' || part.tokens.length > 0))
      yield { index: 0, content: part.text, tokens: part.tokens.map(({ tokenId }) => tokenId), stop: false, model }
    if (part.type !== 'inference-end') continue
    yield {
      index: 0,
      content: '',
      tokens: [],
      stop: true,
      model,
      tokens_predicted: part.usage.completionTokens,
      tokens_evaluated: part.usage.promptTokens,
      tokens_cached: part.usage.cachedTokens,
      truncated: false,
      ...(ending ? stopOf(ending) : {}),
      timings: timingsOf(part),
    }
  }
}

export async function* toLlamaEvents(parts: AsyncIterable<InferencePart>): AsyncGenerator<string> {
  for await (const answer of toLlamaAnswers(parts)) yield formatEvent(answer)
}

/** The whole answer: the last piece, with the text and the tokens of all pieces. */
export async function collectLlama(parts: AsyncIterable<InferencePart>): Promise<LlamaAnswer> {
  let whole: LlamaAnswer = { index: 0, content: '', tokens: [], stop: true, model: '' }
  const tokens: number[] = []
  for await (const answer of toLlamaAnswers(parts)) {
    tokens.push(...answer.tokens)
    whole = { ...answer, stop: true, content: whole.content + answer.content }
  }
  return { ...whole, tokens }
}
