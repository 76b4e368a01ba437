import { Conversation } from './conversation.ts'

/** Where conversations are stored. */
export interface ConversationStorage {
  loadAll(): Promise<Conversation[]>
  save(conversation: Conversation): Promise<void>
  remove(conversationId: string): Promise<void>
}

const TABLE = 'conversations'

/** Stores conversations in this browser and sends them nowhere. Rejects when the browser forbids storage. */
export function indexedDbStorage(factory: IDBFactory): ConversationStorage {
  let opened: Promise<IDBDatabase> | null = null
  const database = (): Promise<IDBDatabase> => {
    opened ??= open(factory).catch((error: unknown) => {
      opened = null
      throw error
    })
    return opened
  }
  const table = async (mode: IDBTransactionMode): Promise<IDBObjectStore> => (await database()).transaction(TABLE, mode).objectStore(TABLE)
  return {
    async loadAll() {
      const rows: unknown[] = await settled((await table('readonly')).getAll())
      // Written by another version of this page, or damaged: the other conversations are still good.
      return rows.map((row) => Conversation.safeParse(row)).flatMap((parsed) => (parsed.success ? [ended(parsed.data)] : []))
    },
    async save(conversation) {
      await settled((await table('readwrite')).put(conversation))
    },
    async remove(conversationId) {
      await settled((await table('readwrite')).delete(conversationId))
    },
  }
}

/** Marks answers that were still streaming when the page was closed as stopped. */
function ended(conversation: Conversation): Conversation {
  return {
    ...conversation,
    messages: conversation.messages.map((message) => (message.status === 'streaming' ? { ...message, status: 'stopped' } : message)),
  }
}

function open(factory: IDBFactory): Promise<IDBDatabase> {
  const request = factory.open('exo', 1)
  request.onupgradeneeded = () => request.result.createObjectStore(TABLE, { keyPath: 'id' })
  return settled(request)
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error ?? new Error('The browser could not save the conversation.'))
  })
}
