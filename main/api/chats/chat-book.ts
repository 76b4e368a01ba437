import { AppError, errorCode } from '../../shared/app-error.ts'
import { type Chat, type ChatSummary, summarizeChat } from '../../shared/chats/chat.ts'
import { isTree } from '../../shared/chats/chat-tree.ts'
import { interrupted } from '../../shared/chats/chat-changes.ts'
import type { ChatImportAnswer } from '../../shared/wire/api/chats.ts'
import { excerptOf } from './excerpt-of.ts'

/** Stores whole chats, each by itself. */
export interface ChatFilesPort {
  ids(): Promise<readonly string[]>
  /** null: there is none. @throws AppError `file-damaged` and the errors of a disk */
  read(id: string): Promise<Chat | null>
  /** Reads, changes and writes as one operation. `next` may throw to leave the chat as it is. @returns the size in bytes */
  change(id: string, next: (chat: Chat | null) => Chat): Promise<number>
  remove(id: string): Promise<void>
}

const MOST_CHATS = 10_000
const MOST_BYTES = 512 * 2 ** 20
/** A larger chat takes no more questions; a running answer may still go beyond it. */
const MOST_CHAT_BYTES = 8 * 2 ** 20

interface Entry {
  readonly summary: ChatSummary
  readonly bytes: number
}

/** The chats of this node: their list, their limits, and who hears of their changes. */
export class ChatBook {
  private readonly files: ChatFilesPort
  private readonly now: () => number
  private readonly log: { warn(message: string, fields: Record<string, unknown>): void }
  private readonly entries = new Map<string, Entry>()
  private readonly listeners = new Set<() => void>()
  private loading: Promise<void> | null = null
  private changes = 0
  damaged = 0

  constructor(files: ChatFilesPort, { now, log }: { readonly now: () => number; readonly log: ChatBook['log'] }) {
    this.files = files
    this.now = now
    this.log = log
  }

  /** Rises with every change of any chat. */
  get revision(): number {
    return this.changes
  }

  onChange(listener: () => void, signal: AbortSignal): void {
    this.listeners.add(listener)
    signal.addEventListener('abort', () => this.listeners.delete(listener), { once: true })
  }

  /** Newest first, pinned chats before the others. */
  async list(): Promise<ChatSummary[]> {
    await this.load()
    return [...this.entries.values()]
      .map(({ summary }) => summary)
      .sort((left, right) => Number(right.isPinned) - Number(left.isPinned) || right.updatedAtMs - left.updatedAtMs)
  }

  /** The chats with these words in the title or a message, each with the place where they occur. */
  async search(words: string, signal: AbortSignal): Promise<(ChatSummary & { excerpt: string })[]> {
    const found = []
    for (const summary of await this.list()) {
      if (signal.aborted) return found
      const chat = await this.readable(summary.id)
      const excerpt = chat && excerptOf(chat, words)
      if (excerpt !== null) found.push({ ...summary, excerpt })
    }
    return found
  }

  /** @throws AppError `chat-not-found` and the errors of a disk */
  async read(id: string): Promise<Chat> {
    const chat = await this.files.read(id)
    if (chat === null) throw notFound(id)
    return chat
  }

  /** Each chat that can be read, one at a time. */
  async *all(): AsyncGenerator<Chat> {
    for (const { id } of await this.list()) {
      const chat = await this.readable(id)
      if (chat) yield chat
    }
  }

  /** @throws AppError `chats-full` and the errors of a disk */
  async create(chat: Chat): Promise<Chat> {
    await this.load()
    this.refuseMore()
    return this.write(chat.id, (kept) => {
      if (kept !== null) throw new AppError('chat-exists', `A chat with the id '${chat.id}' already exists.`)
      return { ...chat, revision: 1 }
    })
  }

  /**
   * @returns `skipped`: a chat with this id is already here; `damaged`: its messages do not form a tree
   * @throws AppError `chats-full` and the errors of a disk
   */
  async import(chat: Chat): Promise<keyof ChatImportAnswer> {
    await this.load()
    if (this.entries.has(chat.id)) return 'skipped'
    if (!isTree(chat.messages)) return 'damaged'
    // What runs without a question is decided here, not by the file.
    const imported = interrupted({ ...chat, settings: { ...chat.settings, allowedTools: [] } })
    return this.create(imported).then(
      () => 'imported' as const,
      (error: unknown) => {
        // Another page imports the same chats at this moment.
        if (errorCode(error) === 'chat-exists') return 'skipped' as const
        throw error
      },
    )
  }

  /** A change that all windows see. @throws AppError `chat-not-found` | `chat-too-long` | `chats-full` | … */
  async change(id: string, next: (chat: Chat) => Chat): Promise<Chat> {
    await this.load()
    const bytes = this.entries.get(id)?.bytes ?? 0
    const before = this.entries.get(id)?.summary.revision ?? 0
    return this.write(id, (kept) => {
      if (kept === null) throw notFound(id)
      const changed = next(kept)
      if (changed.messages.length > kept.messages.length) {
        this.refuseMore(0)
        if (bytes > MOST_CHAT_BYTES) throw new AppError('chat-too-long', 'This chat has reached its limit of 8 MiB. Start a new one.')
      }
      return { ...changed, revision: Math.max(before, kept.revision) + 1 }
    })
  }

  /** Saves the text of a running answer: windows that show it follow its stream. @throws AppError `chat-not-found` | … */
  async save(id: string, next: (chat: Chat) => Chat): Promise<void> {
    const bytes = await this.files.change(id, (kept) => {
      if (kept === null) throw notFound(id)
      return next(kept)
    })
    const entry = this.entries.get(id)
    if (entry) this.entries.set(id, { ...entry, bytes })
  }

  /** @returns the removed chat. @throws AppError `chat-not-found` and the errors of a disk */
  async remove(id: string): Promise<Chat> {
    await this.load()
    const chat = await this.read(id)
    await this.files.remove(id)
    this.entries.delete(id)
    this.tell()
    return chat
  }

  /** Also removes chats that cannot be read. */
  async removeAll(): Promise<number> {
    await this.load()
    const ids = await this.files.ids()
    for (const id of ids) {
      await this.files.remove(id)
      this.entries.delete(id)
    }
    this.damaged = 0
    this.tell()
    return ids.length
  }

  private async write(id: string, next: (kept: Chat | null) => Chat): Promise<Chat> {
    let written: Chat | undefined
    const bytes = await this.files.change(id, (kept) => (written = next(kept)))
    if (!written) throw notFound(id)
    this.entries.set(id, { summary: summarizeChat(written), bytes })
    this.tell()
    return written
  }

  private refuseMore(added = 1): void {
    const bytes = [...this.entries.values()].reduce((sum, entry) => sum + entry.bytes, 0)
    if (bytes <= MOST_BYTES && this.entries.size + added <= MOST_CHATS) return
    throw new AppError('chats-full', `The space for chats is used up (${MOST_BYTES / 2 ** 20} MiB, ${MOST_CHATS} chats). Delete some.`)
  }

  /** null: it was deleted meanwhile, or is damaged. */
  private async readable(id: string): Promise<Chat | null> {
    try {
      return await this.files.read(id)
    } catch (error) {
      this.log.warn('a stored chat cannot be read', { id, error })
      return null
    }
  }

  private load(): Promise<void> {
    this.loading ??= this.loadAll().catch((error: unknown) => {
      this.loading = null
      throw error
    })
    return this.loading
  }

  private async loadAll(): Promise<void> {
    const ids = await this.files.ids()
    this.damaged = 0
    for (const id of ids.slice(0, MOST_CHATS)) {
      const chat = await this.readable(id)
      if (!chat) this.damaged += 1
      else this.entries.set(id, { summary: summarizeChat(chat), bytes: JSON.stringify(chat).length })
    }
  }

  private tell(): void {
    this.changes = Math.max(this.changes + 1, this.now())
    for (const listener of this.listeners) listener()
  }
}

const notFound = (id: string): AppError => new AppError('chat-not-found', `There is no chat '${id}'. It may have been deleted.`)
