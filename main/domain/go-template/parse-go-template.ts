import { AppError } from '../../shared/app-error.ts'
import type { Declaration, GoNode, Operand, Pipeline } from './go-template-node.ts'

const TOKEN = /\s*(?:("(?:[^"\\]|\\.)*")|`([^`]*)`|(-?\d+(?:\.\d+)?)|(\$[\w]*)((?:\.\w+)*)|((?:\.\w+)+|\.)|(:=|[=|(),])|([A-Za-z_]\w*))/y
const DEEPEST = 100

type Token =
  | { readonly type: 'operand'; readonly operand: Operand }
  | { readonly type: 'sign'; readonly sign: string }
  | { readonly type: 'word'; readonly word: string }

function refuse(what: string): never {
  throw new AppError('invalid-request', `This node cannot parse the template: ${what.slice(0, 200)}.`, { param: 'template' })
}

const namesOf = (path: string): string[] => path.split('.').filter((name) => name !== '')

/** The text of a quoted string, whose escapes are those of JSON, apart from a few rare ones. */
function unquote(quoted: string): string {
  try {
    return JSON.parse(quoted) as string
  } catch {
    return refuse(`the string ${quoted}`)
  }
}

function toTokens(action: string): Token[] {
  const tokens: Token[] = []
  const source = action.trim()
  for (TOKEN.lastIndex = 0; TOKEN.lastIndex < source.length; ) {
    const at = TOKEN.lastIndex
    const found = TOKEN.exec(source)
    if (!found) refuse(`{{${source}}}, at "${source.slice(at, at + 20)}"`)
    const [, quoted, raw, digits, variable, path = '', field, sign, word] = found
    const operand = (value: Operand): void => void tokens.push({ type: 'operand', operand: value })
    if (quoted !== undefined) operand({ type: 'literal', value: unquote(quoted) })
    else if (raw !== undefined) operand({ type: 'literal', value: raw })
    else if (digits !== undefined) operand({ type: 'literal', value: Number(digits) })
    else if (variable !== undefined) operand({ type: 'variable', name: variable.slice(1), names: namesOf(path) })
    else if (field !== undefined) {
      const last = tokens.at(-1)
      // Directly after a bracket it belongs to the bracketed value.
      if (last?.type === 'sign' && last.sign === ')' && found[0] === field && field !== '.') tokens.push({ type: 'sign', sign: field })
      else operand({ type: 'field', names: namesOf(field) })
    } else if (sign !== undefined) tokens.push({ type: 'sign', sign })
    else tokens.push({ type: 'word', word: word ?? '' })
  }
  return tokens
}

/** Reads a pipeline from the front of `tokens`, up to their end or a closing bracket. */
function readPipeline(tokens: Token[], depth: number): Pipeline {
  if (depth > DEEPEST) refuse('its parentheses are nested too deeply')
  const commands: Operand[][] = [[]]
  const add = (operand: Operand): void => void commands.at(-1)?.push(operand)
  while (tokens.length > 0) {
    const token = tokens[0]
    if (token?.type === 'sign' && token.sign === ')') break
    tokens.shift()
    if (token?.type === 'operand') add(token.operand)
    else if (token?.type === 'word')
      add(
        token.word === 'true' || token.word === 'false'
          ? { type: 'literal', value: token.word === 'true' }
          : token.word === 'nil'
            ? { type: 'literal', value: null }
            : { type: 'function', name: token.word },
      )
    else if (token?.sign === '|') commands.push([])
    else if (token?.sign === '(') {
      const pipeline = readPipeline(tokens, depth + 1)
      const close = tokens.shift()
      if (close?.type !== 'sign' || close.sign !== ')') refuse('a parenthesis is not closed')
      const next = tokens[0]
      const isPath = next?.type === 'sign' && next.sign.startsWith('.')
      if (isPath) tokens.shift()
      add({ type: 'pipeline', pipeline, names: isPath ? namesOf(next.sign) : [] })
    } else refuse(`"${token?.sign ?? ''}" where a value is required`)
  }
  if (commands.some((command) => command.length === 0)) refuse('a value is missing')
  return commands
}

function readAction(action: string): { readonly declaration: Declaration | null; readonly pipeline: Pipeline } {
  const tokens = toTokens(action)
  const assignAt = tokens.findIndex((token) => token.type === 'sign' && (token.sign === ':=' || token.sign === '='))
  if (assignAt === -1) return { declaration: null, pipeline: whole(tokens, action) }
  const names = tokens
    .slice(0, assignAt)
    .flatMap((token) => (token.type === 'operand' && token.operand.type === 'variable' ? [token.operand.name] : []))
  const sign = tokens[assignAt]
  if (names.length === 0 || names.length > 2) refuse(`{{${action}}}`)
  return { declaration: { names, isNew: sign?.type === 'sign' && sign.sign === ':=' }, pipeline: whole(tokens.slice(assignAt + 1), action) }
}

function whole(tokens: Token[], action: string): Pipeline {
  const pipeline = readPipeline(tokens, 0)
  if (tokens.length > 0) refuse(`{{${action}}}`)
  return pipeline
}

/** The end of the action that starts at `start`: strings and comments may contain the end marker. */
function endOfAction(template: string, start: number): number {
  const token = /"(?:[^"\\]|\\.)*"|`[^`]*`|\/\*[\s\S]*?\*\/|\}\}/g
  token.lastIndex = start
  for (let found = token.exec(template); found; found = token.exec(template)) if (found[0] === '}}') return found.index
  return refuse('an action lacks "}}"')
}

/** Alternating texts and actions; texts are trimmed where an action says so. */
function pieces(template: string): { readonly text: string; readonly action: string | null }[] {
  const found: { text: string; action: string | null }[] = []
  let isCut = false
  for (let at = 0; ; ) {
    const open = template.indexOf('{{', at)
    const between = template.slice(at, open === -1 ? undefined : open)
    const text = isCut ? between.trimStart() : between
    if (open === -1) return [...found, { text, action: null }]
    const close = endOfAction(template, open + 2)
    const inner = template.slice(open + 2, close)
    const action = inner
      .replace(/^-(?=\s)/, '')
      .replace(/(?<=\s)-$/, '')
      .trim()
    found.push({ text: /^-\s/.test(inner) ? text.trimEnd() : text, action: action.startsWith('/*') ? '' : action })
    isCut = /\s-$/.test(inner)
    at = close + 2
  }
}

/** @throws AppError `invalid-request` for text that is not a Go template or requires other templates */
export function parseGoTemplate(template: string): readonly GoNode[] {
  interface Open {
    readonly keyword: string
    readonly head: ReturnType<typeof readAction>
    readonly body: GoNode[]
    readonly otherwise: GoNode[]
    isOtherwise: boolean
    /** `else if` opens a block that is closed by the same `end`. */
    readonly isChained: boolean
  }
  const root: GoNode[] = []
  const open: Open[] = []
  const target = (): GoNode[] => {
    const inner = open.at(-1)
    return inner ? (inner.isOtherwise ? inner.otherwise : inner.body) : root
  }
  const begin = (keyword: string, head: string, isChained: boolean): void => {
    if (open.length > DEEPEST) refuse('its blocks are nested too deeply')
    open.push({ keyword, head: readAction(head), body: [], otherwise: [], isOtherwise: false, isChained })
  }
  const end = (): void => {
    const block = open.pop()
    if (!block) return refuse('an "end" has no block')
    target().push({ type: block.keyword as 'if' | 'with' | 'range', ...block.head, body: block.body, otherwise: block.otherwise })
    if (block.isChained) end()
  }
  for (const { text, action } of pieces(template)) {
    if (text !== '') target().push({ type: 'text', text })
    if (action === null || action === '') continue
    const [, keyword = '', rest = ''] = /^([a-z]+)\b\s*([\s\S]*)$/.exec(action) ?? []
    if (keyword === 'if' || keyword === 'with' || keyword === 'range') begin(keyword, rest, false)
    else if (keyword === 'else') {
      const block = open.at(-1)
      if (!block || block.isOtherwise) refuse('an "else" has no block')
      block.isOtherwise = true
      const chained = /^(if|with)\b\s*([\s\S]*)$/.exec(rest)
      if (chained) begin(chained[1] ?? '', chained[2] ?? '', true)
    } else if (keyword === 'end' && rest === '') end()
    else if ((keyword === 'break' || keyword === 'continue') && rest === '')
      target().push(keyword === 'break' ? { type: 'break' } : { type: 'continue' })
    else if (keyword === 'define' || keyword === 'template' || keyword === 'block') refuse(`"${keyword}" is not supported`)
    else target().push({ type: 'action', ...readAction(action) })
  }
  if (open.length > 0) refuse('an "end" is missing')
  return root
}
