import { isRecord, type JsonRecord } from './json-record.ts'

const TEXT_TYPES: ReadonlySet<unknown> = new Set(['text', 'input_text', 'output_text', 'summary_text', undefined, null])
/** Earlier thoughts, and actions of a server's own tools, which no prompt contains as text. */
const SILENT_TYPES: ReadonlySet<unknown> = new Set([
  'thinking',
  'redacted_thinking',
  'reasoning',
  'reasoning_text',
  'server_tool_use',
  'web_search_tool_result',
  'web_fetch_tool_result',
  'code_execution_tool_result',
  'bash_code_execution_tool_result',
  'text_editor_code_execution_tool_result',
  'tool_search_tool_result',
  'mcp_tool_use',
  'mcp_tool_result',
  'compaction',
])

/** `image_url`, `input_image`, `image` → `image`. */
function kindOf(type: unknown): string {
  return String(type)
    .replace(/^(input|output)_/, '')
    .replace(/_(url|data)$/, '')
}

const TEXT_MEDIA = /^(text\/|application\/(json|xml|yaml|x-yaml|toml|javascript|typescript|x-sh)\b)/i
const DATA_URL = /^data:([\w.+-]+\/[\w.+-]+)(?:;[\w.+-]+=[^;,]*)*;base64,/i

/** The text of a file in base64; null: it is no text. */
function decodedText(mediaType: unknown, data: unknown): string | null {
  if (typeof mediaType !== 'string' || typeof data !== 'string' || !TEXT_MEDIA.test(mediaType)) return null
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(data, 'base64'))
  } catch {
    return null
  }
}

/** The text of OpenAI's file parts, whose data is in a data URL. */
function fileText(part: JsonRecord): string | null {
  const file = part['type'] === 'input_file' ? part : part['type'] === 'file' && isRecord(part['file']) ? part['file'] : null
  const data = file?.['file_data']
  const [start, mediaType] = typeof data === 'string' ? (DATA_URL.exec(data) ?? []) : []
  return typeof data === 'string' && start !== undefined ? decodedText(mediaType, data.slice(start.length)) : null
}

/** The text of a part; null if it is of another kind. */
function partText(part: unknown): string | null {
  if (typeof part === 'string') return part
  if (!isRecord(part)) return null
  if (TEXT_TYPES.has(part['type'])) {
    // OpenAI's assistants have the text in an object.
    const text = isRecord(part['text']) ? part['text']['value'] : part['text']
    return typeof text === 'string' ? text : text === null ? '' : null
  }
  if (part['type'] === 'refusal' && typeof part['refusal'] === 'string') return part['refusal']
  if (part['type'] === 'tool_reference') return `[tool ${String(part['tool_name'])}]`
  const { source, content } = part
  if (part['type'] === 'document' && isRecord(source)) {
    if (source['type'] === 'text' && typeof source['data'] === 'string') return source['data']
    if (source['type'] === 'content') return contentWords(source['content'])
    if (source['type'] === 'base64') return decodedText(source['media_type'], source['data'])
  }
  if (part['type'] === 'search_result') return contentWords(content)
  return fileText(part)
}

/** The text of a content, with a short placeholder for each part that is not text. */
export function contentWords(content: unknown): string {
  if (typeof content === 'number' || typeof content === 'boolean') return String(content)
  const parts = lenientContent(content, false)
  return typeof parts === 'string' ? parts : Array.isArray(parts) ? parts.map((part) => partText(part) ?? '').join('\n') : ''
}

/**
 * Converts a content to the single shape that the schemas know: text, or parts of type `text`.
 *
 * @param isNewest - in the user's newest message, parts that are not text stay, to be refused by name. In earlier
 *   messages and in tool results they become placeholders: a client sends its history again each time and could otherwise
 *   never continue
 */
export function lenientContent(content: unknown, isNewest: boolean): unknown {
  if (content === null || content === undefined) return ''
  if (isRecord(content)) return 'type' in content ? lenientContent([content], isNewest) : JSON.stringify(content)
  if (!Array.isArray(content)) return content
  return content.flatMap((part): unknown[] => {
    if (part === null || (isRecord(part) && SILENT_TYPES.has(part['type']))) return []
    const text = partText(part)
    if (text !== null) return [{ type: 'text', text }]
    // A type that is no text is no newer kind but a fault, which the schema refuses.
    if (isNewest || !isRecord(part) || TEXT_TYPES.has(part['type']) || typeof part['type'] !== 'string') return [part]
    return [{ type: 'text', text: `[${kindOf(part['type'])} left out]` }]
  })
}

/** A tool's result, which may be any JSON value, as text or parts of type `text`. */
export function lenientResult(content: unknown): unknown {
  const isParts =
    Array.isArray(content) && content.every((part) => part === null || typeof part === 'string' || (isRecord(part) && 'type' in part))
  const isValue = typeof content === 'number' || typeof content === 'boolean' || (Array.isArray(content) && !isParts)
  return isValue ? JSON.stringify(content) : lenientContent(content, false)
}
