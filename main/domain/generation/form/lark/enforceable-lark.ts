import { optionalGroups } from '../patterns/optional-groups.ts'
import { IMPORTED_TERMINALS } from './imported-terminals.ts'
import { LarkFault, type LarkWord, larkWords } from './lark-words.ts'
import { quotedRegex, quotedText } from './quoted-regex.ts'

/** Directives of llguidance's dialect, which xgrammar reads by itself. */
const OF_DIALECT: ReadonlySet<string> = new Set(['%json', '%lark', '%regex', '%grammar_options', '%if'])

const bareName = (name: string): string => name.replace(/^[?!]+/, '')
const isGap = ({ kind }: LarkWord): boolean => kind === 'gap'

/** The text of a string literal: Lark has Python's escapes. */
function textOf({ text, line }: LarkWord): string {
  const inner = text.slice(1, text.lastIndexOf('"'))
  const asJson = inner.replaceAll(/\\x([0-9A-Fa-f]{2})|\\'|\\[^]/g, (escape, hex?: string) =>
    hex !== undefined ? `\\u00${hex}` : escape === String.raw`\'` ? "'" : escape,
  )
  try {
    return JSON.parse(`"${asJson.replaceAll('\t', String.raw`\t`)}"`) as string
  } catch {
    throw new LarkFault(line, `the text ${text} has an escape that is not supported`)
  }
}

function literalOf(word: LarkWord, isQuoted: boolean): string {
  const text = textOf(word)
  const flag = word.text.endsWith('i') ? 'i' : ''
  if (!isQuoted || quotedText(text) === text) return JSON.stringify(text) + flag
  // The letters of escapes have one case.
  const parts = text.match(/["\\\n\r\t\b\f]+|[^"\\\n\r\t\b\f]+/g) ?? []
  const written = parts.map((part) => JSON.stringify(quotedText(part)) + (quotedText(part) === part ? flag : ''))
  return written.length === 1 ? (written[0] ?? '') : `(${written.join(' ')})`
}

function regexOf({ text, line }: LarkWord, isQuoted: boolean): string {
  const end = text.lastIndexOf('/')
  const [pattern, flags] = [text.slice(1, end), text.slice(end + 1)]
  if (!isQuoted) return `/${optionalGroups(pattern)}/${flags}`
  try {
    return `/${optionalGroups(quotedRegex(pattern, flags))}/`
  } catch (error) {
    throw error instanceof RangeError ? new LarkFault(line, `the expression ${text} cannot be enforced: ${error.message}`) : error
  }
}

/** The words with `"a".."z"` as the expression `[a-z]`, whose characters JSON may escape. */
function withoutRanges(words: readonly LarkWord[]): LarkWord[] {
  const result: LarkWord[] = []
  const seen = words.filter((word) => !isGap(word))
  const dropped = new Set<LarkWord>()
  for (const word of words) {
    if (dropped.has(word)) continue
    const [to, last] = seen.slice(seen.indexOf(word) + 1, seen.indexOf(word) + 3)
    if (word.kind !== 'string' || to?.text !== '..' || last?.kind !== 'string') {
      result.push(word)
      continue
    }
    dropped.add(to).add(last)
    const [from, end] = [word, last].map((each) => {
      const [character, ...more] = textOf(each)
      if (character === undefined || more.length > 0) throw new LarkFault(each.line, `${each.text} in a range must be one character`)
      return character.replace(/[^A-Za-z0-9]/u, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)
    })
    result.push({ kind: 'regex', text: `/[${from}-${end}]/`, line: word.line })
  }
  return result
}

/** The imports of a directive: local names, and those in the library. */
function importsOf(rest: readonly LarkWord[], line: number): (readonly [local: string, common: string])[] {
  const said = rest.map(({ text }) => text).join('')
  const [, one, alias, several] = /^common\.(\w+)(?:->(\w+))?$|^common\(([\w,]+)\)$/.exec(said) ?? []
  const names = several?.split(',').filter((name) => name !== '') ?? (one === undefined ? [] : [one])
  if (names.length === 0) throw new LarkFault(line, `%import of '${said}' is not possible: only the terminals of 'common' can be imported`)
  const unknown = names.find((name) => !Object.hasOwn(IMPORTED_TERMINALS, name))
  if (unknown !== undefined) throw new LarkFault(line, `'common' has no terminal '${unknown}'`)
  return names.map((name) => [alias ?? name, name])
}

/** The lines of a grammar's words. Brackets join lines, as does a line that starts with `|`. */
function linesOf(words: readonly LarkWord[]): LarkWord[][] {
  const lines: LarkWord[][] = [[]]
  for (const word of words) {
    lines.at(-1)?.push(word)
    if (word.kind === 'newline') lines.push([])
  }
  return lines
}

/**
 * A Lark grammar in the dialect that xgrammar reads, line by line. Priorities are left out: they choose among parses, not texts.
 *
 * @param isQuoted - the text stands between the quotation marks of JSON
 * @throws LarkFault
 */
export function enforceableLark(text: string, isQuoted: boolean): string {
  const defined = new Set<string>()
  const used: LarkWord[] = []
  const added: string[] = []

  const writeLine = (words: readonly LarkWord[]): string => {
    const [head, ...rest] = words.filter((word) => !isGap(word) && word.kind !== 'newline')
    const newline = words.at(-1)?.kind === 'newline' ? '\n' : ''
    if (head?.kind === 'directive') {
      if (head.text === '%import') {
        for (const [local, common] of importsOf(rest, head.line)) {
          defined.add(local)
          added.push(`${local}: ${regexOf({ kind: 'regex', text: `/${IMPORTED_TERMINALS[common]}/`, line: head.line }, isQuoted)}\n`)
        }
        return newline
      }
      if (head.text !== '%ignore' && (isQuoted || !OF_DIALECT.has(head.text)))
        throw new LarkFault(head.line, `the directive ${head.text} is not supported`)
    }
    let written = words
    if (head?.kind === 'name' && (rest[0]?.text === ':' || rest[0]?.text === '.' || rest[0]?.text === '{')) {
      defined.add(bareName(head.text))
      if (rest[0].text === '{') throw new LarkFault(head.line, `the template '${head.text}' is not supported; write it out`)
      const isWeighted = rest[0].text === '.' && rest[1]?.kind === 'number'
      written = words.slice(words.indexOf(head) + 1).filter((word) => !isWeighted || (word !== rest[0] && word !== rest[1]))
      return head.text + writeWords(written)
    }
    return writeWords(written)
  }

  const writeWords = (words: readonly LarkWord[]): string =>
    words
      .map((word, index) => {
        if (word.kind === 'string') return literalOf(word, isQuoted)
        if (word.kind === 'regex') return regexOf(word, isQuoted)
        if (word.kind === 'special' && isQuoted) throw new LarkFault(word.line, `the token ${word.text} is not possible in a text`)
        if (word.kind !== 'name') return word.text
        const next = words.slice(index + 1).find((other) => !isGap(other))
        if (next?.text === '{') throw new LarkFault(word.line, `the template '${word.text}' is not supported; write it out`)
        const before = words.slice(0, index).findLast((other) => !isGap(other))
        const isAlias = before?.text === '->'
        if (!isAlias && before?.text !== '@') used.push(word)
        return word.text
      })
      .join('')

  const words = larkWords(text)
  const isOfDialect = words.some(({ kind, text: said }) => kind === 'directive' && OF_DIALECT.has(said))
  // Its JSON and its attributes are no words of Lark.
  if (isOfDialect && !isQuoted) return text
  const body = linesOf(isQuoted ? withoutRanges(words) : words)
    .map(writeLine)
    .join('')
  if (!defined.has('start')) throw new LarkFault(1, "it has no rule 'start'")
  const unknown = used.find((word) => !defined.has(bareName(word.text)))
  if (unknown !== undefined) throw new LarkFault(unknown.line, `'${unknown.text}' is not defined`)
  return added.length === 0 ? body : `${body}\n${added.join('')}`
}
