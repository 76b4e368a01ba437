import type { ResponseItem, ResponseObject } from '../../shared/wire/openai-responses.ts'

/** Items that one request added. Later responses of the same conversation share them. */
interface Turn {
  readonly items: readonly ResponseItem[]
  readonly bytes: number
  /** How many of the responses that are kept have it. */
  holders: number
}

/** All that was said before and in a response. */
export interface Conversation {
  readonly turns: readonly Turn[]
}

export interface StoredResponse {
  readonly response: ResponseObject
  /** What its model was given: the whole conversation before it, and the new items. */
  readonly input: readonly ResponseItem[]
}

interface Entry extends Conversation {
  readonly response: ResponseObject
  readonly bytes: number
}

interface Limits {
  readonly most: number
  readonly mostBytes: number
}

const LIMITS: Limits = { most: 1000, mostBytes: 64 << 20 }

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value))
const toTurn = (items: readonly ResponseItem[]): Turn => ({ items, bytes: bytesOf(items), holders: 0 })

export function itemsOf({ turns }: Conversation): ResponseItem[] {
  return turns.flatMap(({ items }) => items)
}

/** Responses that clients may go on from, in memory: those used longest ago go first. A conversation outlives its earlier responses. */
export class StoredResponses {
  private readonly limits: Limits
  private readonly entries = new Map<string, Entry>()
  private readonly running = new Map<string, StoredResponse>()
  private bytes = 0

  constructor(limits: Limits = LIMITS) {
    this.limits = limits
  }

  /** Keeps a response to `added`, which went on from `before`; unless it is larger than all room. */
  keep(response: ResponseObject, added: readonly ResponseItem[], before: Conversation | null): void {
    const entry: Entry = { response, turns: [...(before?.turns ?? []), toTurn(added), toTurn(response.output)], bytes: bytesOf({ ...response, output: [] }) }
    this.remove(response.id)
    this.entries.set(response.id, entry)
    this.bytes += entry.bytes
    for (const turn of entry.turns) {
      if (turn.holders === 0) this.bytes += turn.bytes
      turn.holders += 1
    }
    for (const id of [...this.entries.keys()]) {
      if (this.entries.size <= this.limits.most && this.bytes <= this.limits.mostBytes) return
      this.remove(id)
    }
  }

  /** Shows a response while it is being made: until the call of what this returns. */
  show(stored: StoredResponse): () => void {
    const { id } = stored.response
    this.running.set(id, stored)
    return () => void this.running.delete(id)
  }

  /** null: the response is neither kept nor in progress. */
  find(id: string): StoredResponse | null {
    const entry = this.use(id)
    return entry ? { response: entry.response, input: entry.turns.slice(0, -1).flatMap(({ items }) => items) } : (this.running.get(id) ?? null)
  }

  /** null: no such response is kept. */
  conversationOf(id: string): Conversation | null {
    return this.use(id)
  }

  /** An item of any response that is kept; null: none has that id. */
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

  /** False: there was none. */
  remove(id: string): boolean {
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
