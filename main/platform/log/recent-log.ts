import { plainText } from '../../shared/formats/plain-text.ts'
import { LOG_TEXT_LETTERS, LogLine, type LogPage, type LogPlace, type LogQuery, MOST_LOG_BYTES } from '../../shared/wire/peer/log-lines.ts'
import { formatLogText } from './format-log-line.ts'

const MOST_LINES = 5_000
const MOST_BYTES = 1 << 20

/** The newest lines of this program's log, in memory, for people at other machines of the cluster. */
export class RecentLog {
  readonly #id: string
  readonly #mostLines: number
  readonly #lines: { readonly line: LogLine; readonly bytes: number }[] = []
  #bytes = 0
  /** Number of the first line that is kept. */
  #first = 0

  /** @param id - 16 hexadecimal digits, different at each start of the program */
  constructor(id: string, mostLines = MOST_LINES) {
    this.#id = id
    this.#mostLines = mostLines
  }

  /** @param entry - a line of the JSON log, without secrets */
  add(entry: Readonly<Record<string, unknown>>): void {
    const text = plainText(formatLogText(entry)).slice(0, LOG_TEXT_LETTERS)
    const { data: line } = LogLine.safeParse({ time: entry['time'], level: entry['level'], text })
    if (!line) return
    const bytes = Buffer.byteLength(text)
    this.#lines.push({ line, bytes })
    this.#bytes += bytes
    while (this.#lines.length > this.#mostLines || this.#bytes > MOST_BYTES) {
      this.#bytes -= this.#lines.shift()?.bytes ?? 0
      this.#first += 1
    }
  }

  page({ after, lines }: LogQuery): LogPage {
    const end = this.#first + this.#lines.length
    const asked = this.#numberOf(after)
    const start = asked === null ? Math.max(this.#first, end - lines) : Math.min(Math.max(asked, this.#first), end)
    const chosen: LogLine[] = []
    let bytes = 0
    for (const { line, bytes: size } of this.#lines.slice(start - this.#first, start - this.#first + lines)) {
      bytes += size
      if (chosen.length > 0 && bytes > MOST_LOG_BYTES) break
      chosen.push(line)
    }
    const next = start + chosen.length
    return {
      lines: chosen,
      lostLines: asked === null ? 0 : Math.max(0, this.#first - asked),
      end: `${this.#id}-${next}`,
      hasMore: next < end,
    }
  }

  /** The number of the line after a place; null: the last lines are asked for. A place in an earlier log is the beginning of this one. */
  #numberOf(after: LogPlace | null): number | null {
    if (after === null) return null
    const [id, number] = after.split('-')
    return id === this.#id ? Number(number) : this.#first
  }
}
