import { type Attachment, type Chat, StoredMessage } from './chat.ts'

const TITLE_CHARACTERS = 60

/** The first line of the first question, or the name of its first file. */
export function titleOf(text: string, attachments: readonly Attachment[]): string {
  const words = text.trim() === '' ? (attachments[0]?.name ?? '') : text
  const characters = [...(words.trim().split('\n', 1)[0] ?? '').slice(0, 4 * TITLE_CHARACTERS)]
  if (characters.length <= TITLE_CHARACTERS) return characters.join('')
  return `${characters
    .slice(0, TITLE_CHARACTERS - 1)
    .join('')
    .trimEnd()}…`
}

interface NewMessage {
  readonly id: string
  readonly atMs: number
}

interface NewQuestion extends NewMessage {
  readonly text: string
  readonly attachments: readonly Attachment[]
  /** null: at the start of the chat. */
  readonly parentId: string | null
}

/** Adds a question after a message. */
export function withQuestion(chat: Chat, { id, atMs, text, attachments, parentId }: NewQuestion): Chat {
  const asked = StoredMessage.parse({ id, parentId, role: 'user', content: text, attachments, atMs })
  const title = chat.messages.length === 0 && chat.title === '' ? titleOf(text, attachments) : chat.title
  return { ...chat, title, updatedAtMs: atMs, leafId: id, messages: [...chat.messages, asked] }
}

interface NewAnswer extends NewMessage {
  readonly questionId: string
  readonly modelId: string
  /** The text that the model continues. */
  readonly start?: string
}

/** Adds an answer to a question, empty by default. Earlier answers to it stay. */
export function withNewAnswer(chat: Chat, { id, atMs, questionId, modelId, start = '' }: NewAnswer): Chat {
  const content = withoutLastSpaces(start)
  const answer = StoredMessage.parse({ id, parentId: questionId, role: 'assistant', content, status: 'streaming', modelId, atMs })
  return { ...chat, modelId, updatedAtMs: atMs, leafId: id, messages: [...chat.messages, answer] }
}

/** Models continue a word badly after a trailing space. */
const withoutLastSpaces = (text: string): string => text.replace(/[ \t]+$/, '')

/** Adds the answer of another model beside the one that is shown. */
export function withOtherAnswer(chat: Chat, { besideId, ...answer }: NewAnswer & { readonly besideId: string }): Chat {
  const { messages } = withNewAnswer(chat, answer)
  return { ...chat, messages: messages.map((message) => (message.id === answer.id ? { ...message, besideId } : message)) }
}

/** Ends a comparison: the chat goes on after one of its answers. The other one stays as another version. */
export function withKeptAnswer(chat: Chat, messageId: string): Chat {
  const kept = chat.messages.find(({ id }) => id === messageId)
  const isCompared = ({ id, besideId }: StoredMessage): boolean => besideId !== null && [id, besideId].includes(messageId)
  return {
    ...chat,
    modelId: kept?.modelId ?? chat.modelId,
    leafId: messageId,
    messages: chat.messages.map((message) => (isCompared(message) ? { ...message, besideId: null } : message)),
  }
}

export function withMessage(chat: Chat, messageId: string, change: (message: StoredMessage) => StoredMessage): Chat {
  return { ...chat, messages: chat.messages.map((message) => (message.id === messageId ? change(message) : message)) }
}

/** Prepares an answer that ended early for its continuation. */
export function resumed(message: StoredMessage): StoredMessage {
  return { ...message, content: withoutLastSpaces(message.content), status: 'streaming', error: null, errorCode: null }
}

/** Marks answers that were streaming when their node ended as interrupted. */
export function interrupted(chat: Chat): Chat {
  if (!chat.messages.some(({ status }) => status === 'streaming')) return chat
  return {
    ...chat,
    messages: chat.messages.map((message) => (message.status === 'streaming' ? { ...message, status: 'interrupted' } : message)),
  }
}
