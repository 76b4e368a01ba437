import type { ChatTemplateInput } from './template/chat-template.ts'
import { anyOf } from './text-encoder.ts'

/** A chat in which every text that looks like a special token is broken up by a mark. */
export interface MarkedChat {
  readonly chat: ChatTemplateInput
  /** A character that does not occur in the chat; null if nothing had to be marked. */
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
 * Added tokens that frame a turn, a call, a result or a thought, although their tokenizer does not mark them as
 * special. Others, such as `<table>` or a row of spaces, are words.
 */
const CONTROL_LIKE =
  /^(<[|｜][^|｜]+[|｜]>|<\/?(think|tool_calls?|tool_responses?|tool_results?|function_results?|arg_key|arg_value)>|\[\/?[A-Z_]{3,}\])$/

/** The texts of tokens that only a template may write: all special tokens, and the other ones that frame. */
export function framingTexts(addedTokens: readonly { readonly content: string; readonly special: boolean }[]): {
  readonly special: string[]
  readonly framing: string[]
} {
  const special = addedTokens.filter((token) => token.special).map(({ content }) => content)
  return {
    special,
    framing: [
      ...special,
      ...addedTokens.filter((token) => !token.special && CONTROL_LIKE.test(token.content)).map(({ content }) => content),
    ],
  }
}

/**
 * Roles whose text comes from outside. An assistant's own text may contain the tags of its thoughts and calls, which
 * templates look for.
 */
const OUTSIDERS: ReadonlySet<string> = new Set(['user', 'tool'])

/**
 * Text from users and tools must not become control tokens: `<
 * im_end
 * >` in a message would end the message and let the writer speak in another role, and `</tool_response>` in a result
 * would end the result. The mark keeps such text apart through the template; the encoder drops the mark and encodes the
 * text as plain text.
 *
 * @param texts - the texts of the tokens that only templates write
 */
export function markSpecialTokens(
  chat: ChatTemplateInput,
  texts: { readonly special: readonly string[]; readonly framing: readonly string[] },
): MarkedChat {
  const { messages, template, ...rest } = chat
  const special = anyOf(texts.special)
  const framing = anyOf(texts.framing)
  const change = (by: (text: string, pattern: RegExp) => string): ChatTemplateInput => ({
    ...mapTexts(rest, (text) => by(text, special)),
    ...(template === undefined ? {} : { template }),
    messages: messages.map((message) => mapTexts(message, (text) => by(text, OUTSIDERS.has(message.role) ? framing : special))),
  })
  let found = false
  const seen = new Set<string>()
  change((text, pattern) => {
    found ||= text.search(pattern) >= 0
    for (const character of text.match(/[\ue000-\uf8ff]/g) ?? []) seen.add(character)
    return text
  })
  if (!found) return { chat, mark: null }
  let code = FIRST_PRIVATE_USE
  while (code < LAST_PRIVATE_USE && seen.has(String.fromCharCode(code))) code++
  const mark = String.fromCharCode(code)
  return { chat: change((text, pattern) => text.replace(pattern, (token) => [...token].join(mark))), mark }
}
