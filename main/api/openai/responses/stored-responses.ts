import { storedBytes, MOST_AGE_MS, SPARE_BYTES, STORED_LIMITS, type StoredLimits } from './stored-limits.ts'
import { parseStoredRecord, type StoredRecord } from './stored-record.ts'
import type { ResponseItem, ResponseObject } from '../../../shared/wire/api/openai-responses.ts'
import type { JournalPort } from '../../journal-port.ts'

/** Items added by one request. Later responses of the same conversation share them. */
interface Turn {
  readonly id: number
  readonly items: readonly ResponseItem[]
  readonly bytes: number
  /** The number of stored responses that include this turn. */
  holders: number
}

/** The conversation up to and including a response. */
export interface StoredConversation {
  readonly turns: readonly Turn[]
}

export interface StoredResponse {
  readonly response: ResponseObject
  /** The model's input: the whole earlier conversation and the new items. */
  readonly input: readonly ResponseItem[]
}

interface Entry extends StoredConversation {
  readonly response: ResponseObject
  readonly atEpochMs: number
  readonly bytes: number
}

const turnRecord = ({ id, items }: Turn): StoredRecord => ({ type: 'turn', id, items: items.map((item) => ({ ...item })) })
const responseRecord = ({ response, turns, atEpochMs }: Entry): StoredRecord => ({
  type: 'response',
  response,
  turns: turns.map(({ id }) => id),
  atEpochMs,
})

export function storedItemsOf({ turns }: StoredConversation): ResponseItem[] {
  return turns.flatMap(({ items }) => items)
}

interface StoredResponsesOptions {
  readonly limits?: StoredLimits
  /** Absent: responses end with the process. */
  readonly journal?: JournalPort | undefined
  readonly now?: () => number
}

/** Responses that clients may continue from. The least recently used are removed first. A conversation outlives its earlier responses. */
export class StoredResponses {
  private readonly limits: StoredLimits
  private readonly journal: JournalPort | null
  private readonly now: () => number
  private readonly entries = new Map<string, Entry>()
  private readonly running = new Map<string, StoredResponse>()
  private bytes = 0
  private lastTurnId = 0
  /** Bytes in the journal since it was last rewritten. */
  private journalBytes = 0

  constructor({ limits = STORED_LIMITS, journal, now = () => 0 }: StoredResponsesOptions = {}) {
    this.limits = limits
    this.journal = journal ?? null
    this.now = now
    this.restore(journal?.takeLines() ?? [])
  }

  /** Stores a response to `added` that continued from `before`, unless it is larger than the limit for all responses. */
  keep(response: ResponseObject, added: readonly ResponseItem[], before: StoredConversation | null): void {
    const entry: Entry = {
      response,
      turns: [...(before?.turns ?? []), this.newTurn(added), this.newTurn(response.output)],
      bytes: storedBytes({ ...response, output: [] }),
      atEpochMs: this.now(),
    }
    this.drop(response.id)
    const isNew = ({ holders }: Turn): boolean => holders === 0
    const records = [...entry.turns.filter(isNew).map(turnRecord), responseRecord(entry)]
    this.insert(entry)
    this.write(records)
    this.makeRoom()
  }

  private newTurn(items: readonly ResponseItem[], id = this.lastTurnId + 1): Turn {
    this.lastTurnId = Math.max(this.lastTurnId, id)
    return { id, items, bytes: storedBytes(items), holders: 0 }
  }

  private insert(entry: Entry): void {
    this.entries.set(entry.response.id, entry)
    this.bytes += entry.bytes
    for (const turn of entry.turns) {
      if (turn.holders === 0) this.bytes += turn.bytes
      turn.holders += 1
    }
  }

  private makeRoom(): void {
    const oldest = this.now() - MOST_AGE_MS
    for (const { response, atEpochMs } of [...this.entries.values()]) if (atEpochMs < oldest) this.remove(response.id)
    for (const id of [...this.entries.keys()]) {
      if (this.entries.size <= this.limits.most && this.bytes <= this.limits.mostBytes) return
      this.remove(id)
    }
  }

  private restore(lines: readonly string[]): void {
    if (lines.length === 0) return
    const turns = new Map<number, Turn>()
    for (const line of lines) {
      const record = parseStoredRecord(line)
      if (record?.type === 'turn') turns.set(record.id, this.newTurn(record.items as unknown as ResponseItem[], record.id))
      if (record?.type === 'removed') this.drop(record.id)
      if (record?.type !== 'response') continue
      const own = record.turns.map((id) => turns.get(id)).filter((turn) => turn !== undefined)
      // An incomplete conversation would be a different one.
      if (own.length !== record.turns.length) continue
      this.drop(record.response.id)
      this.insert({
        response: record.response,
        turns: own,
        bytes: storedBytes({ ...record.response, output: [] }),
        atEpochMs: record.atEpochMs,
      })
    }
    this.makeRoom()
    this.rewrite()
  }

  private write(records: readonly StoredRecord[]): void {
    if (!this.journal) return
    const lines = records.map((record) => JSON.stringify(record))
    this.journalBytes += lines.reduce((sum, line) => sum + line.length, 0)
    if (this.journal.isBehind || this.journalBytes > this.bytes + SPARE_BYTES) this.rewrite()
    else this.journal.append(lines)
  }

  private rewrite(): void {
    this.journalBytes = 0
    const entries = [...this.entries.values()]
    const turns = new Set(entries.flatMap((entry) => entry.turns))
    this.journal?.rewrite([...[...turns].map(turnRecord), ...entries.map(responseRecord)].map((record) => JSON.stringify(record)))
  }

  /** Makes a response visible while it is generated, until the returned function is called. */
  show(stored: StoredResponse): () => void {
    const { id } = stored.response
    this.running.set(id, stored)
    return () => void this.running.delete(id)
  }

  /** null: the response is neither stored nor in progress. */
  find(id: string): StoredResponse | null {
    const entry = this.use(id)
    return entry
      ? { response: entry.response, input: entry.turns.slice(0, -1).flatMap(({ items }) => items) }
      : (this.running.get(id) ?? null)
  }

  /** null: no such response is stored. */
  conversationOf(id: string): StoredConversation | null {
    return this.use(id)
  }

  /** An item of any stored response; null: none has that id. */
  findItem(id: string): ResponseItem | null {
    const seen = new Set<Turn>()
    for (const { turns } of [...this.entries.values()].reverse()) {
      for (const turn of turns) {
        if (seen.has(turn)) continue
        seen.add(turn)
        const item = turn.items.find((candidate) => candidate.id === id)
        if (item) return item
      }
    }
    return null
  }

  /** False: no such response. */
  remove(id: string): boolean {
    const isThere = this.drop(id)
    if (isThere) this.write([{ type: 'removed', id }])
    return isThere
  }

  private drop(id: string): boolean {
    const entry = this.entries.get(id)
    if (!entry) return false
    this.entries.delete(id)
    this.bytes -= entry.bytes
    for (const turn of entry.turns) {
      turn.holders -= 1
      if (turn.holders === 0) this.bytes -= turn.bytes
    }
    return true
  }

  private use(id: string): Entry | null {
    const entry = this.entries.get(id)
    if (!entry) return null
    this.entries.delete(id)
    this.entries.set(id, entry)
    return entry
  }
}
