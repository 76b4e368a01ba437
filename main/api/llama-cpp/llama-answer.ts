import type { InferencePart, TextToken } from '../../shared/inference/inference.ts'
import type { LlamaAnswer } from '../../shared/wire/api/llama-cpp.ts'
import { toLlamaTimings } from '../answer/usage.ts'
import type { IndexedPart } from '../answer/running-requests.ts'
import { formatEvent } from '../sending/event-stream.ts'

type ChoiceEnd = Extract<InferencePart, { type: 'choice-end' }>

function stopOf({ finishReason, stopString }: ChoiceEnd): Pick<LlamaAnswer, 'stop_type' | 'stopping_word'> {
  const type = finishReason === 'length' ? 'limit' : stopString === null ? (finishReason === 'stop' ? 'eos' : 'none') : 'word'
  return { stop_type: type, stopping_word: stopString ?? '' }
}

function probabilitiesOf(tokens: readonly TextToken[]): NonNullable<LlamaAnswer['completion_probabilities']> {
  const told = ({ tokenId, text, bytes, logprob }: Omit<TextToken, 'topLogprobs'>) => ({
    id: tokenId,
    token: text,
    bytes: [...bytes],
    logprob: logprob ?? 0,
  })
  return tokens.map((token) => ({ ...told(token), top_logprobs: token.topLogprobs.map(told) }))
}

/** Pieces of the answers as they arrive; the last piece of each has `stop: true` and the counts. */
async function* toLlamaAnswers(parts: AsyncIterable<IndexedPart>, withProbabilities: boolean): AsyncGenerator<LlamaAnswer> {
  const models = new Map<number, string>()
  const endings = new Map<number, ChoiceEnd>()
  for await (const { promptIndex: index, part } of parts) {
    if (part.type === 'accepted') models.set(index, part.modelId)
    if (part.type === 'choice-end') endings.set(index, part)
    const model = models.get(index) ?? ''
    if (part.type === 'text-delta' && (part.text !== '' || part.tokens.length > 0))
      yield {
        index,
        content: part.text,
        tokens: part.tokens.map(({ tokenId }) => tokenId),
        stop: false,
        model,
        ...(withProbabilities ? { completion_probabilities: probabilitiesOf(part.tokens) } : {}),
      }
    if (part.type !== 'inference-end') continue
    const ending = endings.get(index)
    yield {
      index,
      content: '',
      tokens: [],
      stop: true,
      model,
      tokens_predicted: part.usage.completionTokens,
      tokens_evaluated: part.usage.promptTokens,
      tokens_cached: part.usage.cachedTokens,
      truncated: false,
      ...(ending ? stopOf(ending) : {}),
      timings: toLlamaTimings([part]),
    }
  }
}

export async function* toLlamaEvents(parts: AsyncIterable<IndexedPart>, withProbabilities: boolean): AsyncGenerator<string> {
  for await (const answer of toLlamaAnswers(parts, withProbabilities)) yield formatEvent(answer)
}

/** The whole answers in the order of their prompts: the last piece of each, with the text and the tokens of all pieces. */
export async function collectLlama(parts: AsyncIterable<IndexedPart>, withProbabilities: boolean): Promise<LlamaAnswer[]> {
  const answers: LlamaAnswer[] = []
  for await (const piece of toLlamaAnswers(parts, withProbabilities)) {
    const { content = '', tokens = [], completion_probabilities: probabilities = [] } = answers[piece.index] ?? {}
    answers[piece.index] = {
      ...piece,
      stop: true,
      content: content + piece.content,
      tokens: [...tokens, ...piece.tokens],
      ...(withProbabilities ? { completion_probabilities: [...probabilities, ...(piece.completion_probabilities ?? [])] } : {}),
    }
  }
  return answers
}
