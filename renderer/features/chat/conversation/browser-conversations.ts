import { z } from 'zod'
import { Chat, ChatSettings, StoredMessage } from '../../../../main/shared/chats/chat.ts'

/** The chats that earlier versions kept in the browser, and that now move to the node. */
export interface BrowserConversations {
  areMoved(): Promise<boolean>
  /** Gives all chats to the node, and then deletes them here. A chat that the node refuses stays. */
  move(give: (chats: readonly Chat[]) => Promise<{ readonly damaged: readonly string[] }>): Promise<void>
}

const DATABASE = 'exo'
const TABLE = 'conversations'
const AT_ONCE = 20

const BrowserMessage = StoredMessage.omit({ parentId: true, atMs: true })
const BrowserConversation = z.object({
  id: z.string(),
  title: z.string(),
  updatedAtMs: z.number(),
  modelId: z.string().nullable(),
  settings: ChatSettings,
  messages: z.array(BrowserMessage),
})

/** A chat of an earlier version as one of the node; null: it is damaged. */
export function fromBrowser(row: unknown): Chat | null {
  const old = BrowserConversation.safeParse(row)
  if (!old.success) return null
  const { messages, title, updatedAtMs, ...rest } = old.data
  const chat = Chat.safeParse({
    ...rest,
    title: title.slice(0, 200),
    createdAtMs: updatedAtMs,
    updatedAtMs,
    leafId: messages.at(-1)?.id ?? null,
    messages: messages.map((message, index) => ({
      ...message,
      status: message.status === 'streaming' ? 'interrupted' : message.status,
      parentId: messages[index - 1]?.id ?? null,
      atMs: updatedAtMs,
    })),
  })
  return chat.success ? chat.data : null
}

/** @param factory - undefined: this browser stores nothing */
export function openBrowserConversations(factory: IDBFactory | undefined): BrowserConversations {
  let isDone = factory === undefined
  return {
    areMoved: async () => isDone,
    async move(give) {
      if (factory === undefined) return
      isDone = true
      const database = await open(factory).catch(() => null) // nothing can be stored here, so nothing is
      if (!database) return
      try {
        const table = (mode: IDBTransactionMode): IDBObjectStore => database.transaction(TABLE, mode).objectStore(TABLE)
        const chats = ((await settled(table('readonly').getAll())) as unknown[]).flatMap((row) => fromBrowser(row) ?? [])
        for (let start = 0; start < chats.length; start += AT_ONCE) {
          const some = chats.slice(start, start + AT_ONCE)
          const { damaged } = await give(some)
          for (const { id } of some.filter((chat) => !damaged.includes(chat.id))) await settled(table('readwrite').delete(id))
        }
      } catch (error) {
        isDone = false
        throw error
      } finally {
        database.close()
      }
    },
  }
}

function open(factory: IDBFactory): Promise<IDBDatabase> {
  const request = factory.open(DATABASE, 1)
  request.onupgradeneeded = () => request.result.createObjectStore(TABLE, { keyPath: 'id' })
  return settled(request)
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error ?? new Error('The browser cannot read its earlier chats.'))
  })
}
