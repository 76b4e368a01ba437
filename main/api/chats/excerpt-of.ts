import type { Chat, StoredMessage } from '../../shared/chats/chat.ts'

const BEFORE_CHARACTERS = 30
const EXCERPT_CHARACTERS = 120

const textsOf = ({ content, attachments }: StoredMessage): string[] => [content, ...attachments.map(({ name, text }) => `${name}: ${text}`)]

/** The text around the first occurrence of `words` in a chat, regardless of case; empty: only the title has them; null: nothing. */
export function excerptOf({ title, messages }: Pick<Chat, 'title' | 'messages'>, words: string): string | null {
  const sought = words.toLowerCase()
  for (const content of messages.flatMap(textsOf)) {
    // A letter whose lower case is longer moves the place by a character or two, which an excerpt bears.
    const at = content.toLowerCase().indexOf(sought)
    if (at < 0) continue
    const start = Math.max(0, at - BEFORE_CHARACTERS)
    const text = content
      .slice(start, start + EXCERPT_CHARACTERS)
      .replace(/\s+/g, ' ')
      .trim()
    return `${start > 0 ? '…' : ''}${text}${start + EXCERPT_CHARACTERS < content.length ? '…' : ''}`
  }
  return title.toLowerCase().includes(sought) ? '' : null
}
