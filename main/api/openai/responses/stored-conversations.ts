import { z } from 'zod'
import { parseJsonOrNull } from '../../../shared/formats/parse-json-or-null.ts'
import type { ResponseItem } from '../../../shared/wire/api/openai-responses.ts'
import type { JournalPort } from '../../journal-port.ts'
import { storedBytes, MOST_AGE_MS, SPARE_BYTES, STORED_LIMITS, type StoredLimits } from './stored-limits.ts'

/** A conversation that responses continue and add to. */
export interface Conversation {
  readonly id: string
  readonly createdS: number
  readonly metadata: Readonly<Record<string, string>>
  readonly items: readonly ResponseItem[]
}

const Item = z.looseObject({ type: z.string(), id: z.string() })
const Head = z.strictObject({ id: z.string(), createdS: z.int(), metadata: z.record(z.string(), z.string()) })
/** A line of the journal. */
const ConversationRecord = z.discriminatedUnion('type', [
  Head.extend({ type: z.literal('head'), usedEpochMs: z.number() }),
  z.strictObject({ type: z.literal('items'), id: z.string(), items: z.array(Item), usedEpochMs: z.number() }),
  z.strictObject({ type: z.literal('item-removed'), id: z.string(), itemId: z.string() }),
  z.strictObject({ type: z.literal('removed'), id: z.string() }),
])
type ConversationRecord = z.infer<typeof ConversationRecord>

interface Entry {
  conversation: Conversation
  bytes: number
  usedEpochMs: number
}

/** The conversations of OpenAI's API. Those used longest ago are removed first. */
export class StoredConversations {
  private readonly limits: StoredLimits
  private readonly journal: JournalPort | null
  private readonly now: () => number
  private readonly entries = new Map<string, Entry>()
  private bytes = 0
  private journalBytes = 0

  constructor({ limits = STORED_LIMITS, journal, now }: { limits?: StoredLimits; journal?: JournalPort | undefined; now: () => number }) {
    this.limits = limits
    this.journal = journal ?? null
    this.now = now
    // A line that was cut by a crash, or written by another version, is left out.
    for (const line of journal?.takeLines() ?? []) this.replay(ConversationRecord.safeParse(parseJsonOrNull(line)).data)
    if (this.entries.size > 0) this.rewrite()
    this.makeRoom()
  }

  /** null: no such conversation is stored. */
  find(id: string): Conversation | null {
    return this.entries.get(id)?.conversation ?? null
  }

  create(conversation: Conversation): void {
    const { items, ...head } = conversation
    this.change({ type: 'head', ...head, metadata: { ...head.metadata }, usedEpochMs: this.now() })
    this.add(head.id, items)
  }

  setMetadata(id: string, metadata: Readonly<Record<string, string>>): void {
    const found = this.find(id)
    if (found) this.change({ type: 'head', id, createdS: found.createdS, metadata: { ...metadata }, usedEpochMs: this.now() })
  }

  /** It can be read and deleted, but adding to it would remove other conversations, and at last itself. */
  isFull(id: string): boolean {
    return (this.entries.get(id)?.bytes ?? 0) > this.limits.mostBytes / 4
  }

  /** Does nothing if the conversation is gone. */
  add(id: string, items: readonly ResponseItem[]): void {
    if (items.length > 0 && this.entries.has(id))
      this.change({ type: 'items', id, items: items.map((item) => ({ ...item })), usedEpochMs: this.now() })
    this.makeRoom()
  }

  /** False: no such item. */
  removeItem(id: string, itemId: string): boolean {
    const isThere = this.find(id)?.items.some((item) => item.id === itemId) === true
    if (isThere) this.change({ type: 'item-removed', id, itemId })
    return isThere
  }

  /** False: no such conversation. */
  remove(id: string): boolean {
    const isThere = this.entries.has(id)
    if (isThere) this.change({ type: 'removed', id })
    return isThere
  }

  private change(record: ConversationRecord): void {
    this.replay(record)
    if (!this.journal) return
    const line = JSON.stringify(record)
    this.journalBytes += line.length
    if (this.journal.isBehind || this.journalBytes > this.bytes + SPARE_BYTES) this.rewrite()
    else this.journal.append([line])
  }

  private replay(record: ConversationRecord | undefined): void {
    if (!record) return
    const entry = this.entries.get(record.id)
    if (record.type === 'head') {
      const { type: _type, usedEpochMs, ...head } = record
      this.put({ ...head, items: entry?.conversation.items ?? [] }, usedEpochMs)
    } else if (entry && record.type === 'items') {
      const { items } = entry.conversation
      const added = record.items as unknown as ResponseItem[]
      // The whole is not measured again: its items gain those of the list, without its brackets, after a comma.
      const comma = items.length > 0 && added.length > 0 ? 1 : 0
      this.put({ ...entry.conversation, items: [...items, ...added] }, record.usedEpochMs, entry.bytes + storedBytes(added) - 2 + comma)
    } else if (entry && record.type === 'item-removed') {
      const items = entry.conversation.items.filter(({ id }) => id !== record.itemId)
      this.put({ ...entry.conversation, items }, entry.usedEpochMs)
    } else if (entry) this.drop(record.id)
  }

  private put(conversation: Conversation, usedEpochMs: number, bytes = storedBytes(conversation)): void {
    this.drop(conversation.id)
    this.entries.set(conversation.id, { conversation, bytes, usedEpochMs })
    this.bytes += bytes
  }

  private drop(id: string): void {
    this.bytes -= this.entries.get(id)?.bytes ?? 0
    this.entries.delete(id)
  }

  private makeRoom(): void {
    const oldest = this.now() - MOST_AGE_MS
    for (const [id, { usedEpochMs }] of [...this.entries]) {
      const isTooMuch = this.entries.size > this.limits.most || this.bytes > this.limits.mostBytes
      if (isTooMuch || usedEpochMs < oldest) this.remove(id)
    }
  }

  private rewrite(): void {
    this.journalBytes = 0
    const records = [...this.entries.values()].flatMap(({ conversation: { items, ...head }, usedEpochMs }): ConversationRecord[] => [
      { type: 'head', ...head, metadata: { ...head.metadata }, usedEpochMs },
      { type: 'items', id: head.id, items: items.map((item) => ({ ...item })), usedEpochMs },
    ])
    this.journal?.rewrite(records.map((record) => JSON.stringify(record)))
  }
}
