import { JinjaError } from '../values/jinja-error.ts'
import { PYTHON_SPACE } from '../values/python-space.ts'

export interface Token {
  readonly type:
    | 'data'
    | 'block-begin'
    | 'block-end'
    | 'variable-begin'
    | 'variable-end'
    | 'end'
    | 'name'
    | 'string'
    | 'int'
    | 'float'
    | 'operator'
  readonly text: string
}

const OPERATORS = [
  '**',
  '//',
  '==',
  '!=',
  '>=',
  '<=',
  '+',
  '-',
  '/',
  '*',
  '%',
  '~',
  '[',
  ']',
  '(',
  ')',
  '{',
  '}',
  '>',
  '<',
  '=',
  '.',
  ':',
  '|',
  ',',
  ';',
]
const CLOSE_OF: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' }
const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
  v: '\v',
  a: '\u0007',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '\n': '',
}
const ESCAPE = /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{1,3})|([\s\S]))/g
const TRAILING_SPACE = new RegExp(`[${PYTHON_SPACE}]+$`)
const ONE_SPACE = new RegExp(`[${PYTHON_SPACE}]`)

function unescaped(text: string): string {
  return text.replaceAll(ESCAPE, (whole: string, x?: string, u?: string, long?: string, octal?: string, other?: string) => {
    const hex = x ?? u ?? long
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16))
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8))
    return SIMPLE_ESCAPES[other ?? ''] ?? whole
  })
}

/** Splits a template into tokens like Jinja with `trim_blocks` and `lstrip_blocks`, the settings of Transformers. */
class TokenReader {
  readonly tokens: Token[] = []
  private readonly source: string
  private at = 0
  private startsLine = true

  constructor(source: string) {
    this.source = source
  }

  readAll(): Token[] {
    while (this.at < this.source.length) this.readRoot()
    this.tokens.push({ type: 'end', text: '' })
    return this.tokens
  }

  private readRoot(): void {
    const opening = /\{[%{#]/g
    opening.lastIndex = this.at
    const found = opening.exec(this.source)
    const text = this.source.slice(this.at, found?.index ?? this.source.length)
    if (!found) {
      this.data(text)
      this.at = this.source.length
      return
    }
    const kind = found[0]
    const sign = this.source[found.index + 2]
    this.at = found.index + 2 + (sign === '-' || sign === '+' ? 1 : 0)
    this.data(this.stripped(text, kind, sign))
    if (kind === '{#') this.skipComment()
    else if (kind === '{%' && this.skipsRaw()) return
    else this.readTag(kind === '{%' ? 'block' : 'variable')
  }

  private data(text: string): void {
    if (text !== '') this.tokens.push({ type: 'data', text })
  }

  private stripped(text: string, kind: string, sign: string | undefined): string {
    if (sign === '-') return text.replace(TRAILING_SPACE, '')
    if (kind === '{{' || sign === '+') return text
    const lineStart = text.lastIndexOf('\n') + 1
    const mayStrip = lineStart > 0 || this.startsLine
    return mayStrip && /^\s+$/.test(text.slice(lineStart)) ? text.slice(0, lineStart) : text
  }

  private skipSpace(): void {
    const start = this.at
    while (ONE_SPACE.test(this.source[this.at] ?? '')) this.at += 1
    if (this.at > start) this.startsLine = this.source[this.at - 1] === '\n'
  }

  /** Consumes the end of a tag of that kind, with the whitespace that belongs to it. */
  private takesEnd(close: string): boolean {
    for (const sign of ['', '-', '+']) {
      if (sign === '+' && close === '}}') continue
      if (!this.source.startsWith(sign + close, this.at)) continue
      this.at += sign.length + close.length
      this.startsLine = false
      if (sign === '-') this.skipSpace()
      else if (sign === '' && close !== '}}' && this.source[this.at] === '\n') {
        this.at += 1
        this.startsLine = true
      }
      return true
    }
    return false
  }

  private skipComment(): void {
    const end = this.source.indexOf('#}', this.at)
    if (end < 0) throw new JinjaError('Missing end of comment tag')
    const sign = this.source[end - 1]
    this.at = end > this.at && (sign === '-' || sign === '+') ? end - 1 : end
    this.takesEnd('#}')
  }

  private skipsRaw(): boolean {
    const begin = /\s*raw\s*(-%\}\s*|%\})/y
    begin.lastIndex = this.at
    const begun = begin.exec(this.source)
    if (!begun) return false
    this.at = begin.lastIndex
    const end = /\{%([-+]?)\s*endraw\s*(?=[-+]?%\})/g
    end.lastIndex = this.at
    const ended = end.exec(this.source)
    if (!ended) throw new JinjaError('Missing end of raw directive')
    this.startsLine = false
    this.data(this.stripped(this.source.slice(this.at, ended.index), '{%', ended[1]))
    this.at = end.lastIndex
    this.takesEnd('%}')
    return true
  }

  private readTag(kind: 'block' | 'variable'): void {
    this.tokens.push({ type: `${kind}-begin`, text: '' })
    const open: string[] = []
    for (;;) {
      while (/\s/.test(this.source[this.at] ?? '')) this.at += 1
      if (this.at >= this.source.length) throw new JinjaError(`unexpected end of template: a ${kind} is not closed`)
      if (open.length === 0 && this.takesEnd(kind === 'block' ? '%}' : '}}')) break
      this.tokens.push(this.readToken(open))
    }
    this.tokens.push({ type: `${kind}-end`, text: '' })
  }

  private match(pattern: RegExp): string | null {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.source)?.[0] ?? null
    if (found !== null) this.at += found.length
    return found
  }

  private readToken(open: string[]): Token {
    const float = this.match(/(?<!\.)\d[\d_]*(?:\.\d[\d_]*(?:[eE][+-]?\d[\d_]*)?|[eE][+-]?\d[\d_]*)/y)
    if (float !== null) return { type: 'float', text: float.replaceAll('_', '') }
    const int = this.match(/0[bB][01_]+|0[oO][0-7_]+|0[xX][\da-fA-F_]+|\d[\d_]*/y)
    if (int !== null) return { type: 'int', text: int.replaceAll('_', '') }
    const name = this.match(/[\p{L}\p{N}\p{M}_]+/uy)
    if (name !== null) return { type: 'name', text: name }
    const string = this.match(/'[^'\\]*(?:\\[\s\S][^'\\]*)*'|"[^"\\]*(?:\\[\s\S][^"\\]*)*"/y)
    if (string !== null) return { type: 'string', text: unescaped(string.slice(1, -1)) }
    const operator = OPERATORS.find((candidate) => this.source.startsWith(candidate, this.at))
    if (operator === undefined) throw new JinjaError(`unexpected char ${JSON.stringify(this.source[this.at])} at ${this.at}`)
    this.at += operator.length
    const close = CLOSE_OF[operator]
    if (close !== undefined) open.push(close)
    else if (operator === ')' || operator === ']' || operator === '}') {
      if (open.pop() !== operator) throw new JinjaError(`unexpected '${operator}'`)
    }
    return { type: 'operator', text: operator }
  }
}

export function readTokens(source: string): Token[] {
  return new TokenReader(source.replaceAll(/\r\n?/g, '\n').replace(/\n$/, '')).readAll()
}
