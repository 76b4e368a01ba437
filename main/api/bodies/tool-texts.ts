/** The parameters of tools as the JSON that the client wrote, by the tool's name. */
export type ToolTexts = ReadonlyMap<string, string>

const NONE: ToolTexts = new Map()

/** JSON that JavaScript would write differently: keys like `10`, which move to the front, and numbers like `1.0`, `1e5` and long ones. */
const SPELLED = /"(0|[1-9]\d*)"\s*:|\d\.\d*0(?!\d)|\d[eE][-+\d]|\d{16,}|-0(?![\d.])/

const LISTS = ['tools', 'functions']
const SCHEMAS = ['parameters', 'input_schema']
const NESTED = ['function', 'custom']

function stringEnd(json: string, start: number): number {
  for (let quote = json.indexOf('"', start + 1); quote !== -1; quote = json.indexOf('"', quote + 1)) {
    let before = quote - 1
    while (json[before] === '\\') before -= 1
    if ((quote - before) % 2 === 1) return quote + 1
  }
  return json.length
}

/** The end of the value that starts at `start`. */
function valueEnd(json: string, start: number): number {
  const first = json[start]
  if (first === '"') return stringEnd(json, start)
  const signs = first === '{' || first === '[' ? /["{}[\]]/g : /[,}\]\s]/g
  signs.lastIndex = start
  let depth = 0
  for (let match = signs.exec(json); match; match = signs.exec(json)) {
    if (first !== '{' && first !== '[') return match.index
    if (match[0] === '"') signs.lastIndex = stringEnd(json, match.index)
    else depth += match[0] === '{' || match[0] === '[' ? 1 : -1
    if (depth === 0) return match.index + 1
  }
  return json.length
}

function afterSpace(json: string, at: number): number {
  let next = at
  while (/\s/.test(json[next] ?? '')) next += 1
  return next
}

/** The values in an object or a list, each with its key if it has one. */
function* entriesOf(json: string, start: number): Generator<{ readonly key: string; readonly start: number; readonly end: number }> {
  const isObject = json[start] === '{'
  for (let at = afterSpace(json, start + 1); at < json.length && json[at] !== '}' && json[at] !== ']'; ) {
    const keyEnd = isObject ? stringEnd(json, at) : at
    const value = isObject ? afterSpace(json, afterSpace(json, keyEnd) + 1) : at
    const end = valueEnd(json, value)
    yield { key: isObject ? (JSON.parse(json.slice(at, keyEnd)) as string) : '', start: value, end }
    const next = afterSpace(json, end)
    at = json[next] === ',' ? afterSpace(json, next + 1) : next
  }
}

function collectTool(json: string, start: number, texts: Map<string, string>): void {
  let name: string | null = null
  let schema: string | null = null
  for (const entry of entriesOf(json, start)) {
    const first = json[entry.start]
    if (entry.key === 'name' && first === '"') name = JSON.parse(json.slice(entry.start, entry.end)) as string
    else if (SCHEMAS.includes(entry.key) && first === '{') schema = json.slice(entry.start, entry.end)
    else if (NESTED.includes(entry.key) && first === '{') collectTool(json, entry.start, texts)
    else if (entry.key === 'tools' && first === '[') collectTools(json, entry.start, texts)
  }
  if (name !== null && schema !== null && SPELLED.test(schema)) texts.set(name, schema)
}

function collectTools(json: string, start: number, texts: Map<string, string>): void {
  for (const tool of entriesOf(json, start)) if (json[tool.start] === '{') collectTool(json, tool.start, texts)
}

/**
 * The parameters of a request's tools if JavaScript's objects would change their order or notation: models were trained
 * on prompts in which Python kept both.
 *
 * @param body - valid JSON in UTF-8
 */
export function toolTexts(body: Buffer): ToolTexts {
  if (!LISTS.some((list) => body.includes(`"${list}"`))) return NONE
  const json = body.toString()
  const start = afterSpace(json, 0)
  if (json[start] !== '{') return NONE
  const texts = new Map<string, string>()
  for (const { key, start: value } of entriesOf(json, start))
    if (LISTS.includes(key) && json[value] === '[') collectTools(json, value, texts)
  return texts
}
