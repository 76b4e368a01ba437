import { isJsonObject, type JsonObject } from '../../../shared/formats/json-value.ts'
import { type KnownTool, type ParsedToolCall, parseArgumentTags, textArgument } from './parse-tool-calls.ts'
import { takeNestedFunctions } from './nested-functions.ts'
import { readGemmaCalls } from './gemma-calls.ts'
import { readPythonCalls } from './python-calls.ts'
import { readArguments } from './read-arguments.ts'
import { readKimiTrees, readMinimaxTrees } from './tree-calls.ts'
import { readRelaxedJson } from '../json/read-relaxed-json.ts'

/** Calls parsed from a text. */
export interface ReadCalls {
  /** Null: the text is not a call. */
  readonly calls: readonly ParsedToolCall[] | null
  /** False: the text ended within a call, which more text might complete. */
  readonly isWhole: boolean
}

type Pair = readonly [key: string, value: string]

const NONE: ReadCalls = { calls: null, isWhole: true }
const UNFINISHED: ReadCalls = { calls: null, isWhole: false }

/** Null unless all are calls: a partial list would be misleading. */
function allOrNull(calls: readonly (ParsedToolCall | null)[]): ParsedToolCall[] | null {
  const parsed = calls.filter((call) => call !== null)
  return parsed.length > 0 && parsed.length === calls.length ? parsed : null
}

/** Arguments in any notation as an object; null: they are not an object. */
function objectOf(given: unknown): JsonObject | null {
  if (given === undefined || given === null || given === '') return {}
  // Some models write no arguments as an empty list.
  if (Array.isArray(given) && given.length === 0) return {}
  if (typeof given !== 'string') return isJsonObject(given) ? given : null
  const read = readRelaxedJson(given)
  return read && isJsonObject(read.value) && given.slice(read.end).trim() === '' ? read.value : null
}

/** The call in the JSON object that nearly all formats use, by any of the usual names of its parts. */
function callOfObject(value: unknown, tools: readonly KnownTool[]): ParsedToolCall | null {
  if (!isJsonObject(value)) return null
  const [[only, given] = ['', null], ...others] = Object.entries(value)
  // Apertus writes an object by the tool's name.
  if (others.length === 0 && isJsonObject(given) && tools.some((tool) => tool.name === only))
    return { name: only, argumentsJson: JSON.stringify(given) }
  const call = isJsonObject(value['function']) ? value['function'] : value
  const name = call['name'] ?? call['tool_name'] ?? call['tool'] ?? (typeof call['function'] === 'string' ? call['function'] : undefined)
  if (typeof name !== 'string' || name === '') return null
  const args = objectOf(call['arguments'] ?? call['parameters'] ?? call['args'] ?? call['input'])
  return args ? { name: name.replace(/^functions\./, ''), argumentsJson: JSON.stringify(args) } : null
}

/** Between the objects of several calls; a model may leave out the tag that closes the one before. */
const BETWEEN = /^(?:[\s;,]|<tool_call>)*/

/** A single object, a list of objects, or several in a row. */
function readJsonObjects(text: string, tools: readonly KnownTool[]): ReadCalls {
  const calls: ParsedToolCall[] = []
  let at = 0
  let isWhole = true
  for (;;) {
    at += BETWEEN.exec(text.slice(at))?.[0].length ?? 0
    if (at >= text.length || /^[}\]`]+\s*$/.test(text.slice(at))) break
    const read = readRelaxedJson(text, at)
    if (!read) return calls.length > 0 ? { calls, isWhole } : NONE
    if (read.isCut) return UNFINISHED
    isWhole &&= read.isWhole
    const made = allOrNull((Array.isArray(read.value) ? read.value : [read.value]).map((entry) => callOfObject(entry, tools)))
    if (!made) return NONE
    calls.push(...made)
    at = read.end
    // The rest after the last call is text.
    if (!/^([[{]|$|[}\]`]+\s*$)/.test(text.slice(at).replace(BETWEEN, ''))) return { calls, isWhole }
  }
  return calls.length > 0 ? { calls, isWhole } : NONE
}

function callOfTexts(name: string, pairs: readonly Pair[], tools: readonly KnownTool[]): ParsedToolCall {
  return {
    name,
    argumentsJson: JSON.stringify(Object.fromEntries(pairs.map(([key, value]) => [key, textArgument(tools, name, key, value)]))),
  }
}

/** Line breaks that the format itself puts around a value. */
const trimmedValue = (value: string): string => value.replace(/^\n|\n$/g, '')

/** A value ends where the next one starts or its call ends. A closing tag before that is part of the value. */
const PARAMETER = /<parameter=([^>\s]+)\s*>(.*?)<\/parameter>(?=\s*(?:<parameter=|<\/function>|$))/gs
const OPEN_PARAMETER = /<parameter=([^>\s]+)\s*>(.*?)(?=<parameter=|<\/function>|$)/gs
const INVOKED = new RegExp(
  String.raw`<(｜DSML｜ ?)?param(?:eter)?\s+name=["']?([^"'>\s]+)["']?[^>]*>(.*?)<\/(?:｜DSML｜ ?)?param(?:eter)?>` +
    String.raw`(?=\s*(?:<(?:｜DSML｜ ?)?param|<\/(?:｜DSML｜ ?)?(?:invoke|function)>|$))`,
  'gs',
)

const TAG = '(?:｜DSML｜ ?)?(?:invoke|function)'
const INVOCATION = new RegExp(String.raw`<${TAG}\s+name=["']?([^"'>\s]+)["']?\s*>(.*?)(<\/${TAG}>(?=\s*(?:<${TAG}|$))|$)`, 'gs')

/** `<function=name>`, containing `<parameter=key>` or JSON. */
function readFunctionTags(text: string, tools: readonly KnownTool[]): ReadCalls {
  const { outer, restore } = takeNestedFunctions(text)
  const found = [...outer.matchAll(/<function=["']?([^>\s"']+)["']?\s*>(.*?)(<\/function>(?=\s*(?:<function=|$))|$)/gs)]
  let isWhole = true
  const made = found.map(([, name = '', body = '', close = '']) => {
    isWhole &&= close !== ''
    if (body.trim().startsWith('{')) {
      const read = readArguments(restore(body).trim())
      return read && { name, argumentsJson: read.argumentsJson }
    }
    const closed = [...body.matchAll(PARAMETER)]
    const hasOpenEnd = close === '' && /<parameter=/.test(body.slice((closed.at(-1)?.index ?? 0) + (closed.at(-1)?.[0].length ?? 0)))
    const pairs = closed.length > 0 && !hasOpenEnd ? closed : [...body.matchAll(OPEN_PARAMETER)]
    return callOfTexts(
      name,
      pairs.map(([, key = '', value = '']) => [key, trimmedValue(restore(value.replace(/<\/parameter>\s*$/, '')))]),
      tools,
    )
  })
  const calls = allOrNull(made)
  if (calls) return { calls, isWhole }
  return isWhole ? NONE : UNFINISHED
}

/** `<invoke name="f"><parameter name="key">value</parameter></invoke>` */
function readInvokeTags(text: string, tools: readonly KnownTool[]): ReadCalls {
  const found = [...text.matchAll(INVOCATION)]
  const isWhole = found.every(([, , , close = '']) => close !== '')
  const calls = found.map(([, name = '', body = '']) =>
    callOfTexts(
      name,
      [...body.matchAll(INVOKED)].map(([, , key = '', value = '']) => [key, trimmedValue(value)]),
      tools,
    ),
  )
  return calls.length > 0 ? { calls, isWhole } : UNFINISHED
}

/** A format in which a marker begins each call and another one precedes its arguments as JSON. */
interface HeadedFormat {
  readonly next: string
  /** Sticky, up to the arguments. */
  readonly head: RegExp
  readonly read: (found: RegExpExecArray) => Omit<ParsedToolCall, 'argumentsJson'>
}

/** Kimi's id with the name, which is `functions.name:0`. */
const KIMI: HeadedFormat = {
  next: '<|tool_call_begin|>',
  head: /(?:<\|tool_calls_section_begin\|>|<\|tool_call_begin\|>|\s)*([^<]*)<\|tool_call_argument_begin\|>\s*/y,
  read: ([, written = '']) => {
    const id = written.trim()
    return { name: id.replace(/^functions\./, '').replace(/:\d+$/, ''), id }
  },
}

/** DeepSeek's name, or `function` and then the name and JSON in a code fence. */
const DEEPSEEK: HeadedFormat = {
  next: '<｜tool▁call▁begin｜>',
  head: /(?:<｜tool▁call▁begin｜>|\s)*([^<]*)<｜tool▁sep｜>([^{<]*)/y,
  read: ([, first = '', second = '']) => {
    const fenced = second.replace(/```(json)?/g, '').trim()
    return { name: fenced === '' ? first.trim() : fenced }
  },
}

/** Solar's id and name. */
const SOLAR: HeadedFormat = {
  next: '<|tool_call:begin|>',
  head: /(?:<\|tool_call:begin\|>|\s)*[^<]*<\|tool_call:name\|>([^<]+)<\|tool_call:args\|>\s*/y,
  read: ([, name = '']) => ({ name: name.trim() }),
}

/** JSON is read to its end: a marker in it is part of a value. */
function readHeadedCalls(text: string, { next, head, read: readHead }: HeadedFormat): ReadCalls {
  const calls: ParsedToolCall[] = []
  let isWhole = true
  for (let at = 0; at >= 0; at = text.indexOf(next, at)) {
    head.lastIndex = at
    const found = head.exec(text)
    if (!found) return UNFINISHED
    at = head.lastIndex
    const read = text[at] === '{' ? readRelaxedJson(text, at) : null
    if (read?.isCut) return UNFINISHED
    const args = read ? read.value : {}
    // Nothing in the place of arguments means none.
    if (!isJsonObject(args) || (!read && !/^[\s`]*(?:<|$)/.test(text.slice(at)))) return UNFINISHED
    isWhole &&= read?.isWhole ?? true
    at = read?.end ?? at
    calls.push({ ...readHead(found), argumentsJson: JSON.stringify(args) })
  }
  return { calls, isWhole }
}

/** A name before its arguments as JSON, perhaps in a code fence; several have tags between them. */
const NAMED_HEAD = /^[\s`]*(?:<\/?tool_call>\s*)*([\w.-]+)\s*(?:```(?:json)?\s*)?(?=\{)/

/** Hunyuan's `name`, and its arguments as JSON. */
function readNamedJson(text: string): ReadCalls {
  const calls: ParsedToolCall[] = []
  let isWhole = true
  for (let at = 0; ; ) {
    const [head, name = ''] = NAMED_HEAD.exec(text.slice(at)) ?? []
    if (head === undefined) return /^(?:[\s`]|<\/?tool_call>)*$/.test(text.slice(at)) && calls.length > 0 ? { calls, isWhole } : NONE
    const read = readRelaxedJson(text, at + head.length)
    if (read?.isCut) return UNFINISHED
    if (!read || !isJsonObject(read.value)) return NONE
    isWhole &&= read.isWhole
    calls.push({ name, argumentsJson: JSON.stringify(read.value) })
    at = read.end
  }
}

/** GLM's format: `name<arg_key>key</arg_key><arg_value>value</arg_value>`. */
function readArgumentTags(text: string, tools: readonly KnownTool[], prefix = ''): ReadCalls {
  const tagged = parseArgumentTags(text, prefix)
  if (!tagged || (tagged.pairs.length === 0 && !tools.some((tool) => tool.name === tagged.name))) return NONE
  return {
    calls: [callOfTexts(tagged.name, tagged.pairs, tools)],
    isWhole: tagged.pairs.length === 0 || text.trimEnd().endsWith(`</${prefix}arg_value>`),
  }
}

const wholeOrUnfinished = (calls: readonly ParsedToolCall[] | null): ReadCalls => (calls ? { calls, isWhole: true } : UNFINISHED)

/** The first of these markers determines the format of the calls; later ones are part of a value. */
const MARKED: readonly { readonly marker: RegExp; readonly read: (text: string, tools: readonly KnownTool[]) => ReadCalls }[] = [
  {
    marker: /<\|tool_call_argument_begin\|>/,
    read: (text) => readHeadedCalls(text, KIMI),
  },
  { marker: /<｜tool▁sep｜>/, read: (text) => readHeadedCalls(text, DEEPSEEK) },
  { marker: /]<]minimax\[>\[/, read: (text, tools) => wholeOrUnfinished(readMinimaxTrees(text, tools)) },
  { marker: /<\|open\|>call\s/, read: (text) => wholeOrUnfinished(readKimiTrees(text)) },
  { marker: /<(?:｜DSML｜ ?)?(?:invoke|function)\s/, read: readInvokeTags },
  { marker: /<function=/, read: readFunctionTags },
  { marker: /<arg_key>/, read: (text, tools) => readArgumentTags(text, tools) },
  { marker: /<longcat_arg_key>/, read: (text, tools) => readArgumentTags(text, tools, 'longcat_') },
  { marker: /<\|tool_call:name\|>/, read: (text) => readHeadedCalls(text, SOLAR) },
  {
    marker: /^\s*call:/,
    read: (text, tools) => wholeOrUnfinished(readGemmaCalls(text, tools)),
  },
]

/** Parses the text in the place of a call, in any of the formats that models use. */
export function readCalls(text: string, tools: readonly KnownTool[]): ReadCalls {
  const plain = text
    .trim()
    .replace(/^(?:<tool_call>\s*)+/, '')
    .replace(/^```(?:json)?\s*\n?/, '')
    .replace(/\n?```$/, '')
  // Text that starts as JSON is JSON, even if its strings contain markers.
  const json = /^[[{]/.test(plain) ? readJsonObjects(plain, tools) : NONE
  if (json.calls || !json.isWhole) return json
  const named = NAMED_HEAD.test(plain) ? readNamedJson(plain) : NONE
  if (named.calls || !named.isWhole) return named
  const found = MARKED.map(({ marker, read }) => ({ at: text.search(marker), read })).filter(({ at }) => at >= 0)
  const [first] = found.toSorted((left, right) => left.at - right.at)
  if (first) return first.read(text, tools)
  const python = readPythonCalls(plain)
  if (python === 'cut') return UNFINISHED
  if (python) return { calls: python.map(({ name, args }) => ({ name, argumentsJson: JSON.stringify(args) })), isWhole: true }
  return readArgumentTags(plain, tools)
}

/** Mistral's format: a list, or `name[ARGS]{…}`. The text after the calls starts at `end`. */
export function readOpenCalls(text: string): ReadCalls & { readonly end: number } {
  const start = /^\s*/.exec(text)?.[0].length ?? 0
  if (start >= text.length) return { ...UNFINISHED, end: text.length }
  if (text[start] === '[' || text[start] === '{') {
    const read = readRelaxedJson(text, start)
    if (!read) return { ...NONE, end: text.length }
    if (read.isCut) return { ...UNFINISHED, end: text.length }
    const { calls } = readJsonObjects(text.slice(start, read.end), [])
    return { calls, isWhole: read.isWhole, end: read.end }
  }
  const head = /^\s*([\w.-]+)(?:\[CALL_ID\]([\w-]*))?(?:\[ARGS\])?\s*(?=\{|$)/.exec(text)
  if (!head) return { ...(/^[\s\w.[\]-]*$/.test(text) ? UNFINISHED : NONE), end: text.length }
  const read = readRelaxedJson(text, head[0].length)
  if (!read || read.isCut) return { ...UNFINISHED, end: text.length }
  if (!isJsonObject(read.value)) return { ...NONE, end: text.length }
  const id = head[2] === undefined || head[2] === '' ? {} : { id: head[2] }
  return { calls: [{ name: head[1] ?? '', ...id, argumentsJson: JSON.stringify(read.value) }], isWhole: read.isWhole, end: read.end }
}
