import { Tokenizer } from '@huggingface/tokenizers'
import { AppError, errorMessage } from '../../shared/app-error.ts'
import { PairMerger } from './encoding/pair-merger.ts'
import type { JsonFileObject } from './read-tokenizer-files.ts'

export interface AddedToken {
  readonly id: number
  readonly content: string
  readonly special: boolean
  readonly lstrip?: boolean
  readonly rstrip?: boolean
}

/** Encodes text as token ids, with or without control tokens. */
export interface TextEncoder {
  encode(text: string, addSpecialTokens: boolean): number[]
  /** Two texts, with the control tokens between and around them. */
  encodePair(first: string, second: string): number[]
  /** Like `encode`, but text between two `mark`s never becomes a control token. The marks are removed. */
  encodeMarked(text: string, mark: string): number[]
  idOf(token: string): number | undefined
  readonly addedTokens: readonly AddedToken[]
}

/** The parts of tokenizer.json that this file reads. */
interface TokenizerJson {
  readonly added_tokens?: readonly AddedToken[]
  readonly pre_tokenizer?: unknown
  /** `merge_ranks` is our own extension, for vocabularies that have ranks in place of merges. */
  readonly model: { vocab?: unknown; merges?: unknown; merge_ranks?: readonly number[] }
}

/** The library's `Digits` knows ASCII digits only. The tokenizers that models were trained with split at every numeric character. */
function withUnicodeDigits(node: unknown): unknown {
  if (typeof node !== 'object' || node === null) return node
  const {
    type,
    individual_digits: individual,
    pretokenizers,
  } = node as { type?: string; individual_digits?: boolean; pretokenizers?: unknown[] }
  if (type === 'Digits')
    return { type: 'Split', pattern: { Regex: individual ? '\\p{N}' : '\\p{N}+' }, behavior: 'Isolated', invert: false }
  return pretokenizers ? { ...node, pretokenizers: pretokenizers.map(withUnicodeDigits) } : node
}

/** The parts of the library's model that this file uses. */
interface BpeModel {
  merges: (readonly [string, string])[]
  bpe_ranks: Map<string, number>
  bpe: (word: string) => string[]
  readonly end_of_word_suffix?: string | null
  readonly continuing_subword_suffix?: string | null
  readonly max_length_to_cache: number
  readonly cache: { get(word: string): string[] | undefined; put(word: string, pieces: string[]): void }
}

/** The library takes 8 µs and some hundred bytes per letter of a long word: half a minute for a word of 4 MiB. */
function mergeQuickly(model: BpeModel, ranks: readonly number[] | undefined): void {
  const merger = new PairMerger(model.merges, ranks)
  model.bpe_ranks.clear()
  model.bpe = (word) => {
    if (word === '') return []
    const known = model.cache.get(word)
    if (known !== undefined) return known
    const letters = Array.from(word)
    if (model.end_of_word_suffix) letters[letters.length - 1] += model.end_of_word_suffix
    const pieces = merger.merge(letters)
    if (model.continuing_subword_suffix)
      for (let index = 0; index < pieces.length - 1; index++) pieces[index] += model.continuing_subword_suffix
    if (word.length < model.max_length_to_cache) model.cache.put(word, pieces)
    return pieces
  }
}

function escapeForRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
}

/** Matches any of `texts`, longest first; never matches if there are none. */
export function anyOf(texts: readonly string[]): RegExp {
  const longestFirst = [...texts].filter((text) => text !== '').sort((a, b) => b.length - a.length)
  return longestFirst.length === 0 ? /(?!)/g : new RegExp(longestFirst.map(escapeForRegExp).join('|'), 'gu')
}

/**
 * @param json - tokenizer.json; its vocabulary and merges are deleted from it, because the encoder keeps them in its
 *   own form
 * @throws AppError `model-unsupported`
 */
export function createTextEncoder(json: JsonFileObject, tokenizerConfig: JsonFileObject): TextEncoder {
  const source = { ...json, pre_tokenizer: withUnicodeDigits(json['pre_tokenizer']) } as unknown as TokenizerJson
  const addedTokens = source.added_tokens ?? []
  let tokenizer: Tokenizer
  try {
    tokenizer = new Tokenizer({ ...source, added_tokens: addedTokens }, tokenizerConfig)
  } catch (cause) {
    throw new AppError('model-unsupported', `The model's tokenizer.json cannot be used: ${errorMessage(cause)}`, {}, cause)
  }
  // The library keeps its input next to the maps built from it: half of its memory.
  if (tokenizer.model && 'merges' in tokenizer.model) {
    mergeQuickly(tokenizer.model, source.model.merge_ranks)
    tokenizer.model.merges = []
    delete source.model.merges
    delete source.model.vocab
  }
  const specialIds = new Set(addedTokens.filter((token) => token.special).map((token) => token.id))
  const byContent = new Map(addedTokens.map((token) => [token.content, token]))
  const addedPattern = anyOf([...byContent.keys()])

  /** The ids of a text without control tokens, even if parts of it look like one. */
  const encodePlain = (text: string, sectionIndex: number): number[] => {
    const normalized = tokenizer.normalizer ? tokenizer.normalizer(text) : text
    if (normalized === '' || !tokenizer.model) return []
    const pieces = tokenizer.pre_tokenizer ? tokenizer.pre_tokenizer(normalized, { section_index: sectionIndex }) : [normalized]
    const ids = (tokenizer.model(pieces) as string[]).map((token) => tokenizer.token_to_id(token))
    return ids.filter((id) => id !== undefined && !specialIds.has(id)) as number[]
  }

  return {
    encode: (text, addSpecialTokens) =>
      text === '' && !addSpecialTokens ? [] : tokenizer.encode(text, { add_special_tokens: addSpecialTokens }).ids,
    encodePair: (first, second) => tokenizer.encode(first, { text_pair: second }).ids,
    encodeMarked: (text, mark) => {
      const sections: { text: string; token: AddedToken | null }[] = []
      let end = 0
      for (const match of text.matchAll(addedPattern)) {
        sections.push({ text: text.slice(end, match.index), token: null }, { text: match[0], token: byContent.get(match[0]) ?? null })
        end = match.index + match[0].length
      }
      sections.push({ text: text.slice(end), token: null })
      sections.forEach(({ token }, index) => {
        if (token?.lstrip) sections[index - 1]!.text = sections[index - 1]!.text.trimEnd()
        if (token?.rstrip) sections[index + 1]!.text = sections[index + 1]!.text.trimStart()
      })
      return sections.flatMap((section, index) =>
        section.token ? [section.token.id] : encodePlain(section.text.replaceAll(mark, ''), index),
      )
    },
    idOf: (token) => tokenizer.token_to_id(token),
    addedTokens,
  }
}
