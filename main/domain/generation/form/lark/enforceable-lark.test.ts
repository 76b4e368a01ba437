import { describe, expect, it } from 'vitest'
import { enforceableLark } from './enforceable-lark.ts'
import { LarkFault } from './lark-words.ts'
import { quotedRegex } from './quoted-regex.ts'

const faultOf = (text: string, isQuoted = false): string => {
  try {
    enforceableLark(text, isQuoted)
    return 'none'
  } catch (error) {
    if (error instanceof LarkFault) return `${error.line}: ${error.message}`
    throw error
  }
}

describe('a Lark grammar', () => {
  it('keeps its lines, and loses what only chooses among parses', () => {
    const text = '?start: a | _B  // both\n\n!a.2: "x" -> first\n    | /y+/i\n_B.-1: "\\x41"~2..3 ["c".."e"]\n%ignore /[ \\t]/\n'
    expect(enforceableLark(text, false)).toBe(
      '?start: a | _B  // both\n\n!a: "x" -> first\n    | /y+/i\n_B: "A"~2..3 ["c".."e"]\n%ignore /[ \\t]/\n',
    )
  })

  it('has the terminals of the library in place of imports', () => {
    const text = enforceableLark('%import common.INT\n%import common (WS, CNAME)\n%import common.WORD -> W\nstart: INT WS CNAME W\n', false)
    expect(text.split('\n').slice(0, 4)).toEqual(['', '', '', 'start: INT WS CNAME W'])
    expect(text).toContain('\nINT: /[0-9]+/\n')
    expect(text).toContain('\nW: /[A-Za-z]+/\n')
  })

  it.each([
    ['a template', 'start: pair{"a"}\npair{x}: x x\n', "1: the template 'pair' is not supported; write it out"],
    ['a template that is defined', '\n\npair{x}: x x\nstart: "a"\n', "3: the template 'pair' is not supported; write it out"],
    ['an import of another grammar', 'start: "a"\n%import python.NAME\n', "2: %import of 'python.NAME' is not possible"],
    ['a relative import', 'start: "a"\n%import .terminals.NAME\n', "2: %import of '.terminals.NAME' is not possible"],
    ['a terminal that the library lacks', 'start: X\n%import common.X\n', "2: 'common' has no terminal 'X'"],
    ['a directive', 'start: A\n%declare A\n', '2: the directive %declare is not supported'],
    ['an unknown name', 'start: a\na: b c\nb: "b"\n', "2: 'c' is not defined"],
    ['no start', 'a: "b"\n', "1: it has no rule 'start'"],
    ['no words', 'start: "a"\n\n  ; "b"', '3: the character ";" is not expected here'],
    ['a text without an end', 'start: "a', '1: the character "\\"" is not expected here'],
  ])('is refused by its line: %s', (_, text, fault) => {
    expect(faultOf(text)).toContain(fault)
  })

  it.each([
    ['a token', 'start: <|im_end|>', '1: the token <|im_end|> is not possible in a text'],
    ['looking ahead', 'start: "a"\n  | /a(?=b)/', '2: the expression /a(?=b)/ cannot be enforced'],
    ['a flag', 'start: /a/x', "1: the expression /a/x cannot be enforced: the flag 'x' is not supported"],
    ['a boundary', String.raw`start: /\ba/`, String.raw`1: the expression /\ba/ cannot be enforced: \b is not supported`],
    ['a long range', 'start: "ab".."z"', '1: "ab" in a range must be one character'],
  ])('is refused by its line as the input of a tool: %s', (_, text, fault) => {
    expect(faultOf(text, true)).toContain(fault)
  })
})

describe('an expression within quotation marks', () => {
  const SAMPLES = [...'abkzABK019_-+. "\\\n\r\t\b\f/[]^{}é世😀'].flatMap((one) => [one, `${one}${one}`, `${one}a`])

  it.each([
    ['.', ''],
    ['.', 's'],
    ['.+', ''],
    ['[^"]', ''],
    [String.raw`[^\n\\a]`, ''],
    ['[a-k]', 'i'],
    ['k', 'i'],
    [String.raw`[\s\S]`, ''],
    [String.raw`\S`, ''],
    [String.raw`\W`, ''],
    [String.raw`[\w.\-\]]`, ''],
    [String.raw`["\\/]{1,2}`, ''],
    [String.raw`\\|"|\n`, ''],
    [String.raw`(?:\x41|\u00e9)[^\]]*`, ''],
    ['[ -~]', ''],
    ['[^a-zA-Z]a', ''],
    ['[-+^]', ''],
    ['[世-世é]', ''],
  ])('matches what JSON writes for each text that the expression matches: /%s/%s', (pattern, flags) => {
    // In Lark, whose expressions are Python's, the dot excludes only line feeds.
    const plain = new RegExp(`^(?:${pattern.replace(/^\.(?=\+?$)/, flags === 's' ? '.' : '[^\\n]')})$`, `u${flags}`)
    const quoted = new RegExp(`^(?:${quotedRegex(pattern, flags)})$`, 'u')
    for (const text of SAMPLES) expect([text, quoted.test(JSON.stringify(text).slice(1, -1))]).toEqual([text, plain.test(text)])
    for (const text of ['"', '\n', '\\', 'a"', '\\a']) expect([text, quoted.test(text)]).toEqual([text, false])
  })
})
