/** A part of a Lark grammar. The parts in order are the whole text. */
export interface LarkWord {
  readonly kind: 'gap' | 'newline' | 'string' | 'regex' | 'special' | 'directive' | 'name' | 'number' | 'mark'
  readonly text: string
  /** From 1. */
  readonly line: number
}

/** What of a Lark grammar cannot be enforced, and where. */
export class LarkFault extends Error {
  readonly line: number

  constructor(line: number, reason: string) {
    super(reason)
    this.line = line
  }
}

const WORDS: readonly (readonly [LarkWord['kind'], RegExp])[] = [
  ['gap', /(?:[ \t\f]|(?:#|\/\/)[^\r\n]*)+/y],
  ['newline', /\r?\n|\r/y],
  ['string', /"(?:\\.|[^"\\\r\n])*"i?/y],
  ['regex', /\/(?:\\.|\[(?:\\.|[^\]\\\r\n])*\]|[^/\\\r\n[])+\/[imslux]*/y],
  ['special', /<[^<>\s]+>/y],
  ['directive', /%[a-z_]+/y],
  ['name', /[?!]{0,2}_*[A-Za-z][\w-]*(?<!-)/y],
  ['number', /-?\d+/y],
  ['mark', /->|\.\.|::|[:|()[\]*+?~.,{}&=@]/y],
]

/** @throws LarkFault at the first character that begins no word of the language */
export function larkWords(text: string): LarkWord[] {
  const words: LarkWord[] = []
  let line = 1
  for (let at = 0; at < text.length; ) {
    const start = at
    const found = WORDS.map(([kind, pattern]) => {
      pattern.lastIndex = start
      return { kind, text: pattern.exec(text)?.[0] ?? '' }
    }).find((word) => word.text !== '')
    if (found === undefined) throw new LarkFault(line, `the character ${JSON.stringify(text.charAt(at))} is not expected here`)
    words.push({ ...found, line })
    at += found.text.length
    if (found.kind === 'newline') line += 1
  }
  return words
}
