import { ESCAPES, MOST_LEVELS, MOST_WORD_CHARACTERS, WORDS } from './json-spelling.ts'

/** A value parsed from text that is nearly JSON. */
export interface RelaxedJson {
  readonly value: unknown
  /** The end of the value in the text. */
  readonly end: number
  /** False: the text ended within the value, and open brackets have been closed. */
  readonly isWhole: boolean
  /** The text ended within a string, a number or a word, so a part of the value is missing. */
  readonly isCut: boolean
}

class Reader {
  at: number
  isWhole = true
  isCut = false
  private readonly text: string

  constructor(text: string, start: number) {
    this.text = text
    this.at = start
  }

  value(level: number): unknown {
    this.skipSpace()
    const character = this.text[this.at]
    if (level > MOST_LEVELS) throw new SyntaxError('nested too deeply')
    if (character === '{') return this.object(level)
    if (character === '[') return this.list(level)
    if (character === '"' || character === "'") return this.string(character)
    const [word = ''] = /^[-+\w.]+/.exec(this.text.slice(this.at, this.at + MOST_WORD_CHARACTERS)) ?? []
    if (word === '') throw new SyntaxError(`no value at ${this.at}`)
    this.at += word.length
    if (this.at >= this.text.length) this.isCut = true
    if (Object.hasOwn(WORDS, word)) return WORDS[word]
    const number = Number(word)
    if (Number.isFinite(number)) return number
    // More text may complete it.
    if (level > 0 && this.isCut && (/^[-+\d.eE]+$/.test(word) || Object.keys(WORDS).some((known) => known.startsWith(word)))) return null
    throw new SyntaxError(`no value at ${this.at}`)
  }

  /** Skips whitespace and comments. */
  private skipSpace(): void {
    for (;;) {
      while (/\s/.test(this.text[this.at] ?? '')) this.at += 1
      if (this.text[this.at] !== '/') return
      const kind = this.text[this.at + 1]
      if (kind !== undefined && kind !== '/' && kind !== '*') return
      const close = kind === '*' ? '*/' : '\n'
      const end = kind === undefined ? -1 : this.text.indexOf(close, this.at + 2)
      this.at = end < 0 ? this.text.length : end + close.length
    }
  }

  /** Whether the bracket is closed here. At the end of the text it counts as closed. */
  private closes(bracket: string): boolean {
    this.skipSpace()
    if (this.text[this.at] === ',') {
      this.at += 1
      this.skipSpace()
    }
    if (this.at >= this.text.length) {
      this.isWhole = false
      return true
    }
    if (this.text[this.at] !== bracket) return false
    this.at += 1
    return true
  }

  private object(level: number): Record<string, unknown> {
    this.at += 1
    const entries: [string, unknown][] = []
    while (!this.closes('}')) {
      const quote = this.text[this.at]
      if (quote !== '"' && quote !== "'") throw new SyntaxError(`no name at ${this.at}`)
      const name = this.string(quote)
      this.skipSpace()
      if (this.at >= this.text.length) {
        this.isCut = true
        break
      }
      if (this.text[this.at] !== ':') throw new SyntaxError(`no colon at ${this.at}`)
      this.at += 1
      this.skipSpace()
      if (this.at >= this.text.length) {
        this.isCut = true
        break
      }
      entries.push([name, this.value(level + 1)])
    }
    return Object.fromEntries(entries)
  }

  private list(level: number): unknown[] {
    this.at += 1
    const entries: unknown[] = []
    while (!this.closes(']')) entries.push(this.value(level + 1))
    return entries
  }

  private string(quote: string): string {
    let read = ''
    for (this.at += 1; this.at < this.text.length; this.at += 1) {
      const character = this.text[this.at] ?? ''
      if (character === quote) {
        this.at += 1
        return read
      }
      if (character !== '\\') {
        read += character
        continue
      }
      this.at += 1
      const escaped = this.text[this.at] ?? ''
      const [hex] = escaped === 'u' ? (/^[\da-f]{4}/i.exec(this.text.slice(this.at + 1, this.at + 5)) ?? []) : []
      if (hex !== undefined) {
        read += String.fromCharCode(Number.parseInt(hex, 16))
        this.at += 4
      } else read += ESCAPES[escaped] ?? `\\${escaped}`
    }
    this.isCut = true
    return read
  }
}

/**
 * Parses the value that starts at `start` in the way that models write it: with raw line breaks in strings, escapes
 * that JSON does not have, comments, extra commas, Python's words and quotes, and missing brackets at the end.
 *
 * @returns null if there is no value
 */
export function readRelaxedJson(text: string, start = 0): RelaxedJson | null {
  const reader = new Reader(text, start)
  try {
    const value = reader.value(0)
    return { value, end: reader.at, isWhole: reader.isWhole && !reader.isCut, isCut: reader.isCut }
  } catch {
    return null // the caller treats it as plain text
  }
}
