import { JinjaError } from '../values/jinja-error.ts'
import type { Token } from './read-tokens.ts'

/** Reads tokens in order. */
export class TokenStream {
  private readonly tokens: readonly Token[]
  private at = 0

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens
  }

  get current(): Token {
    return this.tokens[this.at] ?? { type: 'end', text: '' }
  }

  /** The token after the current one. */
  look(): Token {
    return this.tokens[this.at + 1] ?? { type: 'end', text: '' }
  }

  next(): Token {
    const token = this.current
    this.at += 1
    return token
  }

  is(type: Token['type'], text?: string): boolean {
    return this.current.type === type && (text === undefined || this.current.text === text)
  }

  isName(...names: readonly string[]): boolean {
    return this.current.type === 'name' && names.includes(this.current.text)
  }

  takes(type: Token['type'], text?: string): boolean {
    if (!this.is(type, text)) return false
    this.at += 1
    return true
  }

  expect(type: Token['type'], text?: string): Token {
    if (this.is(type, text)) return this.next()
    const { current } = this
    throw new JinjaError(`expected ${text ?? type}, got ${current.text === '' ? current.type : JSON.stringify(current.text)}`)
  }
}
