import { intOfDigits, PyFloat } from './python-value.ts'

const MOST_LEVELS = 200
const NUMBER = /-?\d+(\.\d+)?([eE][-+]?\d+)?/y
const STRING = /"(?:[^"\\]|\\.)*"/y
const WORDS: readonly (readonly [string, unknown])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
]

/** Parses JSON like Python: keys keep their order, and a number written as a float stays one. */
class ValueParser {
  private at = 0
  private readonly text: string

  constructor(text: string) {
    this.text = text
  }

  whole(): unknown {
    const value = this.value(0)
    this.skipSpace()
    if (this.at < this.text.length) throw new SyntaxError(`more than one JSON value at ${this.at}`)
    return value
  }

  private skipSpace(): void {
    while (' \t\n\r'.includes(this.text[this.at] ?? '-')) this.at += 1
  }

  private takes(character: string): boolean {
    this.skipSpace()
    if (this.text[this.at] !== character) return false
    this.at += 1
    return true
  }

  private match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)
    if (found) this.at = pattern.lastIndex
    return found
  }

  private string(): string {
    this.skipSpace()
    const found = this.match(STRING)
    if (!found) throw new SyntaxError(`no JSON string at ${this.at}`)
    return JSON.parse(found[0]) as string
  }

  private value(level: number): unknown {
    if (level > MOST_LEVELS) throw new SyntaxError('JSON is nested too deeply')
    if (this.takes('{')) return this.object(level)
    if (this.takes('[')) return this.list(level)
    if (this.text[this.at] === '"') return this.string()
    const word = WORDS.find(([name]) => this.text.startsWith(name, this.at))
    if (word) {
      this.at += word[0].length
      return word[1]
    }
    const number = this.match(NUMBER)
    if (!number) throw new SyntaxError(`no JSON value at ${this.at}`)
    return number[1] !== undefined || number[2] !== undefined ? new PyFloat(Number(number[0])) : intOfDigits(number[0])
  }

  private object(level: number): Map<string, unknown> {
    const object = new Map<string, unknown>()
    if (this.takes('}')) return object
    do {
      const key = this.string()
      if (!this.takes(':')) throw new SyntaxError(`no colon at ${this.at}`)
      object.set(key, this.value(level + 1))
    } while (this.takes(','))
    if (!this.takes('}')) throw new SyntaxError(`an object is not closed at ${this.at}`)
    return object
  }

  private list(level: number): unknown[] {
    const list: unknown[] = []
    if (this.takes(']')) return list
    do list.push(this.value(level + 1))
    while (this.takes(','))
    if (!this.takes(']')) throw new SyntaxError(`a list is not closed at ${this.at}`)
    return list
  }
}

/** @throws SyntaxError if the text is not JSON */
export function parseJsonValue(text: string): unknown {
  return new ValueParser(text).whole()
}
