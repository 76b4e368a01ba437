import type { ChatTemplateInput } from './chat-template.ts'
import { anyOf } from './text-encoder.ts'

/** A chat in which every text that is written like a special token is broken by a mark. */
export interface MarkedChat {
  readonly chat: ChatTemplateInput
  /** A character that the chat did not contain; null where nothing had to be marked. */
  readonly mark: string | null
}

const FIRST_PRIVATE_USE = 0xe000
const LAST_PRIVATE_USE = 0xf8ff

/** Applies `change` to every text in a JSON value. */
function mapTexts<T>(value: T, change: (text: string) => string): T {
  if (typeof value === 'string') return change(value) as T
  if (Array.isArray(value)) return value.map((element) => mapTexts(element as unknown, change)) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, element]) => [change(key), mapTexts(element as unknown, change)])) as T
}

/**
 * What people write must not become control tokens: `<|im_end|>` in a message would end it and let the writer speak as
 * another. The mark keeps such text apart through the template; the encoder drops it and encodes the text as text.
 *
 * @param specialTexts - contents of the special tokens
 */
export function markSpecialTokens(chat: ChatTemplateInput, specialTexts: readonly string[]): MarkedChat {
  const pattern = anyOf(specialTexts)
  let found = false
  const seen = new Set<string>()
  mapTexts(chat, (text) => {
    found ||= text.search(pattern) >= 0
    for (const character of text.match(/[\ue000-\uf8ff]/g) ?? []) seen.add(character)
    return text
  })
  if (!found) return { chat, mark: null }
  let code = FIRST_PRIVATE_USE
  while (code < LAST_PRIVATE_USE && seen.has(String.fromCharCode(code))) code++
  const mark = String.fromCharCode(code)
  const breakUp = (text: string): string => text.replace(pattern, (special) => [...special].join(mark))
  return { chat: mapTexts(chat, breakUp), mark }
}
