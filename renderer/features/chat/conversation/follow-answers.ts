import { withMessage } from '../../../../main/shared/chats/chat-changes.ts'
import type { StoredMessage } from '../../../../main/shared/chats/chat.ts'
import { takePart } from '../../../../main/shared/chats/take-part.ts'
import type { AnswerEvent } from '../../../../main/shared/wire/api/chats.ts'
import type { ChatApi } from './chat-api.ts'
import { useChatStore } from './chat-store.ts'

/** Parts that arrive within this time are one change of the store: 20 changes per second look smooth. */
const GATHER_MS = 50
const RETRY_MS = 1_000

export interface AnswerFollower {
  /** Follows these answers of a chat, and no others. */
  followOnly(chatId: string | null, messageIds: readonly string[]): void
  isFollowing(messageId: string): boolean
}

export interface AnswerFollowerOptions {
  readonly api: Pick<ChatApi, 'follow'>
  readonly sleep: (ms: number) => Promise<void>
  /** Called when a stream broke off. */
  readonly reload: (chatId: string) => Promise<void>
}

/** Puts the texts of running answers into the store as they arrive. */
export function createAnswerFollower({ api, sleep, reload }: AnswerFollowerOptions): AnswerFollower {
  const followed = new Map<string, AbortController>()

  async function follow(chatId: string, messageId: string, abort: AbortController): Promise<void> {
    const { signal } = abort
    const gathered = gather(chatId, messageId)
    const timer = setInterval(() => gathered.flush(), GATHER_MS)
    try {
      for await (const event of api.follow(chatId, messageId, signal)) {
        if (signal.aborted) return
        gathered.add(event)
      }
      gathered.flush()
    } catch {
      // The node may have restarted: below, it tells how the answer stands.
      gathered.flush()
    } finally {
      clearInterval(timer)
      if (followed.get(messageId) === abort) followed.delete(messageId)
    }
    if (signal.aborted || messageOf(chatId, messageId)?.status !== 'streaming') return
    await sleep(RETRY_MS)
    if (signal.aborted) return
    await reload(chatId).catch(() => undefined) // the page reloads the chat once it is connected again
  }

  return {
    followOnly(chatId, messageIds) {
      for (const [messageId, abort] of followed) {
        if (messageIds.includes(messageId)) continue
        abort.abort()
        followed.delete(messageId)
      }
      for (const messageId of messageIds) {
        if (chatId === null || followed.has(messageId)) continue
        const abort = new AbortController()
        followed.set(messageId, abort)
        void follow(chatId, messageId, abort)
      }
    },
    isFollowing: (messageId) => followed.has(messageId),
  }
}

const messageOf = (chatId: string, messageId: string): StoredMessage | undefined =>
  useChatStore.getState().opened[chatId]?.messages.find(({ id }) => id === messageId)

function gather(chatId: string, messageId: string): { add(event: AnswerEvent): void; flush(): void } {
  let whole: StoredMessage | null = null
  let content = ''
  let reasoning = ''
  let draft = ''
  const flush = (): void => {
    if (whole === null && content === '' && reasoning === '' && draft === '') return
    const base = whole
    const [addedContent, addedReasoning, addedDraft] = [content, reasoning, draft]
    whole = null
    content = reasoning = draft = ''
    useChatStore.setState(({ opened, prefills: { [messageId]: _read, ...prefills } }) => {
      const chat = opened[chatId]
      if (!chat) return {}
      const changed = withMessage(chat, messageId, (message) => {
        const said = takePart(base ?? message, { type: 'delta', content: addedContent, reasoning: addedReasoning })
        return addedDraft === '' ? said : takePart(said, { type: 'draft', content: addedDraft })
      })
      return { opened: { ...opened, [chatId]: changed }, prefills }
    })
  }
  return {
    add(event) {
      if (event.type === 'message') {
        whole = event.message
        content = reasoning = draft = ''
        if (event.message.status !== 'streaming') flush()
      } else if (event.type === 'more') {
        content += event.content
        reasoning += event.reasoning
        draft += event.draft
      } else useChatStore.setState(({ prefills }) => ({ prefills: { ...prefills, [messageId]: event } }))
    },
    flush,
  }
}
