import { parseDocument } from 'yaml'
import { AppError } from '../../shared/app-error.ts'
import type { ConnectTarget, PermanentSettings } from '../../shared/connect/connect-tool.ts'
import { escapeQuoted, fillInJson, fillInText } from '../../shared/connect/fill-in.ts'
import { isJsonObject } from '../../shared/formats/json-value.ts'

const BEGIN = '# exo: begin'
const END = '# exo: end'

/**
 * The text of a tool's configuration with the settings for a node. Everything else in it stays.
 *
 * @param text - its current text; empty: there is none
 * @throws AppError `tool-settings-unreadable` if the text cannot be changed safely
 */
export function mergeSettings(text: string, settings: PermanentSettings, target: ConnectTarget): string {
  if (settings.format === 'block')
    return withBlock(
      text,
      settings.lines.map((line) => fillInText(line, target, escapeQuoted)),
    )
  const added = fillInJson(settings.content, target)
  return settings.format === 'json' ? withJson(text, added, settings.path) : withYaml(text, added, settings.path)
}

function withBlock(text: string, lines: readonly string[]): string {
  const block = [BEGIN, ...lines, END].join('\n')
  const begin = text.indexOf(BEGIN)
  const end = text.indexOf(END, begin)
  if (begin >= 0 && end > begin) return text.slice(0, begin) + block + text.slice(end + END.length)
  return `${text === '' || text.endsWith('\n') ? text : `${text}\n`}${text === '' ? '' : '\n'}${block}\n`
}

function withJson(text: string, added: unknown, path: string): string {
  let kept: unknown
  try {
    kept = text.trim() === '' ? {} : JSON.parse(text)
  } catch (cause) {
    throw unreadable(path, 'it is not plain JSON, for example because it contains comments', cause)
  }
  if (!isJsonObject(kept)) throw unreadable(path, 'it does not contain an object')
  return `${JSON.stringify(merge(kept, added), null, 2)}\n`
}

/** Comments in the file stay. */
function withYaml(text: string, added: unknown, path: string): string {
  const document = parseDocument(text)
  if (document.errors.length > 0) throw unreadable(path, 'it is not valid YAML', document.errors[0])
  const kept: unknown = document.toJS() ?? {}
  if (!isJsonObject(kept)) throw unreadable(path, 'it does not contain a mapping')
  const merged = merge(kept, added)
  for (const name of isJsonObject(added) ? Object.keys(added) : []) document.set(name, isJsonObject(merged) ? merged[name] : undefined)
  return document.toString()
}

/** Objects are merged, and lists by the `name` or `id` of their entries; anything else is replaced. */
function merge(kept: unknown, added: unknown): unknown {
  if (isJsonObject(kept) && isJsonObject(added)) {
    const merged = Object.entries(added).map(([name, value]) => [name, Object.hasOwn(kept, name) ? merge(kept[name], value) : value])
    return { ...kept, ...Object.fromEntries(merged) }
  }
  if (!isList(kept) || !isList(added)) return added
  const keyOf = (entry: unknown): unknown => (isJsonObject(entry) ? (entry['name'] ?? entry['id']) : undefined)
  const keys = new Set(added.map(keyOf))
  return [...kept.filter((entry) => keyOf(entry) === undefined || !keys.has(keyOf(entry))), ...added]
}

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value)

function unreadable(path: string, reason: string, cause?: unknown): AppError {
  return new AppError(
    'tool-settings-unreadable',
    `~/${path} was not changed: ${reason}. Start the tool without --write, or copy its settings from the page Connect of the dashboard.`,
    { path },
    cause,
  )
}
