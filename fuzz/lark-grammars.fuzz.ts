import { enforceableLark } from '../main/domain/generation/form/lark/enforceable-lark.ts'
import { LarkFault } from '../main/domain/generation/form/lark/lark-words.ts'
import type { FuzzTarget } from './fuzz-target.ts'

const MOST_GROWTH = 64 * 2 ** 20

export default {
  seeds: [
    'start: "a" | b+ // comment\nb: /[a-z]+/i "x".."z"\n%import common.WS\n%ignore WS',
    'start: item ("," item)*\n?item: NUMBER -> number\n  | ESCAPED_STRING\n' +
      '%import common (NUMBER, ESCAPED_STRING)\nA.2: "\\x41" "é\\n"~2..5',
    'start: "a"i /(?:b(c)?|d{2,3})*/ [ "e" ]\n!x: "f"',
    'start: %json { "type": "object" }',
    'start: a\na: b\nb: a',
  ],
  words: ['%import common.', '%ignore', '->', '~1..1000000', '"\\u0000"', '/(a+)+b/', '__proto__', ': ', '| ', '(((('],
  run(bytes) {
    const text = bytes.toString('utf8')
    for (const isQuoted of [false, true])
      try {
        if (enforceableLark(text, isQuoted).length > MOST_GROWTH) throw new Error('a grammar grows without bound')
      } catch (error) {
        if (!(error instanceof LarkFault)) throw error
      }
  },
} satisfies FuzzTarget
