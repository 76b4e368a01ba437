import { errorMessage } from '../../../../main/shared/app-error.ts'
import type { StreamedChatPart, ChatRequest } from '../../../client/stream-chat.ts'
import { useChatStore } from './chat-store.ts'
import {
  before,
  type ConversationMessage,
  type ChatSettings,
  type Conversation,
  takePart,
  toChatRequest,
  withAnsweredMessage,
  withMessage,
  withQuestion,
} from './conversation.ts'
import type { ConversationStorage } from './conversation-storage.ts'

export interface ChatDependencies {
  readonly stream: (request: ChatRequest, signal: AbortSignal) => AsyncIterable<StreamedChatPart>
  /** Like `send`, with a draft and a verdict from two more models. */
  readonly streamThreeWays: (request: ChatRequest, signal: AbortSignal) => AsyncIterable<StreamedChatPart>
  readonly storage: ConversationStorage
  readonly now: () => number
  readonly newId: () => string
}

/** The actions of the chat. Their results appear in the store. */
export interface ChatController {
  load(): Promise<void>
  /** null: a new conversation. */
  select(conversationId: string | null): void
  remove(conversationId: string): void
  /** Sends a question in the active conversation, or in a new one with these settings. */
  send(text: string, modelId: string, settings: ChatSettings): void
  /** Replaces a question and asks again. The messages after it are removed. */
  editAndSend(messageId: string, text: string, modelId: string): void
  regenerate(messageId: string, modelId: string): void
  stop(conversationId: string): void
  changeSettings(conversationId: string, settings: ChatSettings): void
}

/** Parts that arrive within this time are one change of the store: 20 changes per second look smooth. */
const GATHER_MS = 50

export function createChatController({ stream, streamThreeWays, storage, now, newId }: ChatDependencies): ChatController {
  const running = new Map<string, AbortController>()
  const find = (conversationId: string | null): Conversation | undefined =>
    conversationId === null ? undefined : useChatStore.getState().conversations[conversationId]
  const put = (conversation: Conversation): void =>
    useChatStore.setState(({ conversations }) => ({ conversations: { ...conversations, [conversation.id]: conversation } }))
  const tellStorageError = (error: unknown): void => useChatStore.setState({ storageError: errorMessage(error) })
  const save = (conversationId: string): void => {
    const conversation = find(conversationId)
    if (conversation) storage.save(conversation).catch(tellStorageError)
  }
  const stop = (conversationId: string): void => running.get(conversationId)?.abort()
  const idleWith = (messageId: string): Conversation | undefined =>
    Object.values(useChatStore.getState().conversations).find(
      ({ id, messages }) => !running.has(id) && messages.some((message) => message.id === messageId),
    )

  /** Streams the answer into the last message of the conversation. */
  async function answer(conversation: Conversation): Promise<void> {
    const { id } = conversation
    const messageId = conversation.messages.at(-1)?.id ?? ''
    const abort = new AbortController()
    running.set(id, abort)
    put({ ...conversation, updatedAtMs: now() })
    save(id)
    let content = ''
    let reasoning = ''
    let draft = ''
    const change = (by: (message: ConversationMessage) => ConversationMessage): void => {
      const current = find(id)
      if (current) put({ ...withMessage(current, messageId, by), updatedAtMs: now() })
    }
    const flush = (): void => {
      const part = { type: 'delta' as const, content, reasoning }
      content = ''
      reasoning = ''
      const drafted = { type: 'draft' as const, content: draft }
      draft = ''
      if (part.content !== '' || part.reasoning !== '') change((message) => takePart(message, part))
      if (drafted.content !== '') change((message) => takePart(message, drafted))
    }
    const timer = setInterval(flush, GATHER_MS)
    try {
      for await (const part of (conversation.settings.isTrifurcated ? streamThreeWays : stream)(
        toChatRequest({ ...conversation, messages: conversation.messages.slice(0, -1) }),
        abort.signal,
      )) {
        if (part.type === 'delta') {
          content += part.content
          reasoning += part.reasoning
        } else if (part.type === 'draft') {
          draft += part.content
        } else {
          flush()
          change((message) => takePart(message, part))
        }
      }
    } catch (error) {
      flush()
      if (abort.signal.aborted) change((message) => ({ ...message, status: 'stopped' }))
      else change((message) => ({ ...message, status: 'failed', error: errorMessage(error) }))
    } finally {
      clearInterval(timer)
      running.delete(id)
      save(id)
    }
  }

  return {
    async load() {
      try {
        const kept = Object.fromEntries((await storage.loadAll()).map((conversation) => [conversation.id, conversation]))
        useChatStore.setState(({ conversations }) => ({ conversations: { ...kept, ...conversations } }))
      } catch (error) {
        tellStorageError(error)
      }
    },
    select: (conversationId) => useChatStore.setState({ activeId: conversationId }),
    remove(conversationId) {
      stop(conversationId)
      useChatStore.setState(({ conversations: { [conversationId]: _removed, ...conversations }, activeId }) => ({
        conversations,
        activeId: activeId === conversationId ? null : activeId,
      }))
      storage.remove(conversationId).catch(tellStorageError)
    },
    send(text, modelId, settings) {
      const current = find(useChatStore.getState().activeId) ?? {
        id: newId(),
        title: '',
        updatedAtMs: now(),
        modelId,
        settings,
        messages: [],
      }
      if (running.has(current.id)) return
      useChatStore.setState({ activeId: current.id })
      void answer(withQuestion(current, { id: newId(), text }, { id: newId(), modelId }))
    },
    editAndSend(messageId, text, modelId) {
      const current = idleWith(messageId)
      if (current) void answer(withQuestion(before(current, messageId), { id: newId(), text }, { id: newId(), modelId }))
    },
    regenerate(messageId, modelId) {
      const current = idleWith(messageId)
      if (current) void answer(withAnsweredMessage(before(current, messageId), { id: newId(), modelId }))
    },
    stop,
    changeSettings(conversationId, settings) {
      const current = find(conversationId)
      if (!current) return
      put({ ...current, settings })
      save(conversationId)
    },
  }
}
