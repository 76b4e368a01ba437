import { AppError } from '../../shared/app-error.ts'
import type { TextEncoder } from './text-encoder.ts'

export interface PairTexts {
  readonly query: string
  readonly document: string
  readonly instruction: string | null
  /** null: as many as the context holds. */
  readonly documentTokens: number | null
}

export interface EncodedPair {
  readonly text: string
  readonly tokenIds: number[]
  readonly secondTokens?: number
  readonly scoredTokenIds?: readonly number[]
}

/** The length of what two lists have in common at their start. */
function commonLength(left: readonly number[], right: readonly number[]): number {
  const end = left.findIndex((id, index) => id !== right[index])
  return end < 0 ? left.length : end
}

/**
 * Cuts off the end of a text, but not the special tokens that close it.
 *
 * @param empty - the same without the text: the special tokens alone
 */
export function cutText(whole: readonly number[], empty: readonly number[], mostTokens: number): number[] {
  if (whole.length <= mostTokens) return [...whole]
  const closing = empty.slice(commonLength(empty, whole))
  const kept = Math.max(0, mostTokens - closing.length)
  return [...whole.slice(0, kept), ...closing].slice(0, mostTokens)
}

/** What stands before and after the document of a pair: what two pairs with different documents have in common. */
function aroundDocument(query: string, encoder: TextEncoder): { readonly before: readonly number[]; readonly after: readonly number[] } {
  const [one, other] = [encoder.encodePair(query, 'a'), encoder.encodePair(query, 'b')]
  const begin = commonLength(one, other)
  // The vocabulary has neither letter: both are the same unknown token, before the one that closes the pair.
  if (begin === one.length) return { before: one.slice(0, -2), after: one.slice(-1) }
  const end = one.length - commonLength([...one].reverse(), [...other].reverse())
  return { before: one.slice(0, begin), after: one.slice(end) }
}

/** A pair for a model with a classifier, in the form of its tokenizer. @throws AppError `context-exceeded` */
export function encodeClassifierPair(pair: PairTexts, encoder: TextEncoder, contextTokens: number): EncodedPair {
  const { query, document, documentTokens } = pair
  const whole = encoder.encodePair(query, document)
  const { before, after } = aroundDocument(query, encoder)
  const empty = [...before, ...after]
  if (empty.length >= contextTokens) throw tooLong(empty.length, contextTokens)
  const longest = documentTokens === null ? contextTokens : Math.min(contextTokens, empty.length + documentTokens)
  const tokenIds = cutText(whole, empty, longest)
  return { text: `${query}\n${document}`, tokenIds, secondTokens: tokenIds.length - before.length }
}

const JUDGE_START =
  '<|im_start|>system\nJudge whether the Document meets the requirements based on the Query and the Instruct provided. Note that the ' +
  'answer can only be "yes" or "no".<|im_end|>\n<|im_start|>user\n'
const JUDGE_END = '<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n'
const WEB_SEARCH = 'Given a web search query, retrieve relevant passages that answer the query'

/**
 * A pair for a decoder that answers "yes" or "no", in the form of Qwen3-Reranker.
 * @throws AppError `context-exceeded`; `invalid-request` if the vocabulary lacks the words
 */
export function encodeJudgedPair(pair: PairTexts, encoder: TextEncoder, contextTokens: number): EncodedPair {
  const { query, document, instruction, documentTokens } = pair
  const [no, yes] = [encoder.idOf('no'), encoder.idOf('yes')]
  if (no === undefined || yes === undefined || encoder.idOf('<|im_start|>') === undefined)
    throw new AppError('model-purpose', 'This model is not built as the rerankers are that exo knows. Use bge-reranker or Qwen3-Reranker.')
  const before = `<Instruct>: ${instruction ?? WEB_SEARCH}\n<Query>: ${query}\n<Document>: `
  const opening = encoder.encode(JUDGE_START, false)
  const closing = encoder.encode(JUDGE_END, false)
  // Special tokens in the texts stay text.
  const plain = (text: string): number[] => encoder.encodeMarked(text.replaceAll(/<\|/g, `<${MARK}|`), MARK)
  const question = plain(before)
  const body = plain(before + document)
  const room = contextTokens - opening.length - closing.length
  if (question.length >= room) throw tooLong(contextTokens - room + question.length, contextTokens)
  const most = documentTokens === null ? room : Math.min(room, question.length + documentTokens)
  return {
    text: JUDGE_START + before + document + JUDGE_END,
    tokenIds: [...opening, ...body.slice(0, most), ...closing],
    scoredTokenIds: [no, yes],
  }
}

/** Of the private use area: texts do not have it. */
const MARK = '\u{10FFF0}'

function tooLong(promptTokens: number, contextTokens: number): AppError {
  return new AppError(
    'context-exceeded',
    `The query has ${promptTokens} tokens with those around it, and the model takes ${contextTokens} for query and document. ` +
      'Shorten the query.',
    { promptTokens, contextTokens },
  )
}
