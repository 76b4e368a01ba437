import { isRecord, jsonText, type JsonRecord } from './json-record.ts'
import { newestOfUser } from './lenient-chat.ts'
import { contentWords, lenientContent } from './lenient-content.ts'
import { lenientRole } from './lenient-role.ts'
import { lenientEffort } from './lenient-effort.ts'
import { lenientSettings, withLimitAs } from './lenient-settings.ts'
import { lenientToolFields, unlistedTools } from './lenient-tools.ts'

const call = (id: unknown, name: unknown, args: unknown): JsonRecord => ({
  type: 'function_call',
  call_id: id,
  name,
  arguments: jsonText(args, '{}'),
})
const output = (id: unknown, words: unknown): JsonRecord => ({ type: 'function_call_output', call_id: id, output: words })

/** OpenAI's names of items. A type without such a name is no newer one but a fault, which the schema refuses. */
const ITEM_TYPE = /^[a-z]+(_[a-z0-9]+)*$/

/** Converts an item of any client to items of the schema. Items that mean nothing to a model give none. */
function lenientItem(item: unknown, isNewest: boolean): unknown[] {
  if (typeof item === 'string') return [{ type: 'message', role: 'user', content: item }]
  if (!isRecord(item)) return [item]
  const { type } = item
  if (type !== undefined && type !== null && !(typeof type === 'string' && ITEM_TYPE.test(type))) return [item]
  const role = lenientRole(item['role'])
  const own = typeof item['id'] === 'string' ? { id: item['id'] } : {}
  const id = item['call_id'] ?? item['tool_call_id'] ?? item['id'] ?? 'call'
  if (role === 'tool' || role === 'function') return [output(id, lenientContent(item['content'], false))]
  const isReference = (type === undefined || type === null) && role === undefined && item['content'] === undefined && 'id' in own
  if (isReference) return [{ ...own, type: 'item_reference' }]
  if (type === 'message' || type === undefined || type === null || typeof role === 'string') {
    const calls = Array.isArray(item['tool_calls']) ? item['tool_calls'].filter(isRecord) : []
    const message = { ...item, role, type: 'message', content: lenientContent(item['content'], isNewest) }
    return [
      message,
      ...calls.map((made) =>
        call(
          made['id'] ?? 'call',
          isRecord(made['function']) ? made['function']['name'] : made['name'],
          isRecord(made['function']) ? made['function']['arguments'] : made['arguments'],
        ),
      ),
    ]
  }
  if (type === 'function_call') return [{ ...call(id, item['name'], item['arguments']), ...own }]
  if (type === 'custom_tool_call') return [{ ...call(id, item['name'], { input: item['input'] }), ...own }]
  if (type === 'mcp_call') return [call(id, item['name'], item['arguments']), output(id, jsonText(item['output'] ?? item['error'], ''))]
  if (type === 'item_reference') return [item]
  if (typeof type !== 'string') return []
  // `local_shell_call`, `shell_call` and `apply_patch_call` run on the client, which sends an output for each.
  if (/(shell|apply_patch)_call$/.test(type)) return [call(id, type.replace(/_call$/, ''), item['action'] ?? item['operation'])]
  if (type.endsWith('_output')) return [{ ...output(id, lenientOutput(item['output'])), ...own }]
  return type === 'reasoning' ? [item] : []
}

function lenientOutput(value: unknown): unknown {
  const isPart = (part: unknown): boolean =>
    isRecord(part) && typeof part['type'] === 'string' && (!/text$/.test(part['type']) || typeof part['text'] === 'string')
  return Array.isArray(value) && value.every(isPart) ? lenientContent(value, false) : jsonText(value, '')
}

function lenientInstructions(value: unknown): unknown {
  if (!Array.isArray(value)) return value
  return value.map((item) => (isRecord(item) && 'content' in item ? contentWords(item['content']) : contentWords([item]))).join('\n')
}

function lenientMetadata(value: unknown): unknown {
  return isRecord(value) ? Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, jsonText(entry, '')])) : undefined
}

/** Converts a request of any client of the Conversations API: items in any of their shapes. */
export function lenientConversation(given: unknown): unknown {
  if (!isRecord(given)) return given
  const { items, metadata, ...body } = given
  return {
    ...body,
    ...(items === undefined ? {} : { items: Array.isArray(items) ? items.flatMap((item) => lenientItem(item, false)) : items }),
    ...(isRecord(metadata) ? { metadata: lenientMetadata(metadata) } : {}),
  }
}

/** Converts a request of any client of the Responses API to the shape of `ResponseRequest`. */
export function lenientResponse(given: unknown): unknown {
  if (!isRecord(given)) return given
  const { truncation: _truncation, ...body } = lenientSettings(withLimitAs('max_output_tokens', given))
  const { reasoning } = body
  const input = isRecord(body['input']) ? [body['input']] : body['input']
  const { tools, choice } = lenientToolFields(body)
  const newest = Array.isArray(input) ? newestOfUser(input) : -1
  return {
    ...body,
    ...(Array.isArray(input) ? { input: input.flatMap((item, index) => lenientItem(item, index === newest)) } : {}),
    ...(body['previous_response_id'] === '' ? { previous_response_id: null } : {}),
    ...(body['conversation'] === '' ? { conversation: null } : {}),
    instructions: lenientInstructions(body['instructions']),
    metadata: lenientMetadata(body['metadata']),
    ...(isRecord(reasoning) ? { reasoning: { ...reasoning, effort: lenientEffort(reasoning['effort']) } } : {}),
    tools,
    ...unlistedTools(body),
    ...(choice === null ? {} : { tool_choice: choice }),
  }
}
