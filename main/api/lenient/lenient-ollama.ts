import { calledFunction } from './called-function.ts'
import { isRecord } from './json-record.ts'
import { newestOfUser } from './lenient-chat.ts'
import { contentWords, lenientContent } from './lenient-content.ts'
import { lenientRole } from './lenient-role.ts'
import { lenientEffort } from './lenient-effort.ts'
import { lenientScalars } from './lenient-scalars.ts'
import { lenientSettings } from './lenient-settings.ts'
import { lenientTools, unlistedTools } from './lenient-tools.ts'

function lenientArguments(value: unknown): unknown {
  if (value === null || value === undefined || value === '') return {}
  if (isRecord(value)) return value
  if (typeof value !== 'string') return { input: value }
  try {
    const parsed: unknown = JSON.parse(value)
    return isRecord(parsed) ? parsed : { input: parsed }
  } catch {
    return { input: value }
  }
}

function lenientCall(call: unknown): unknown {
  if (!isRecord(call)) return call
  const called = calledFunction(call)
  return called === null ? call : { ...call, function: { ...called, arguments: lenientArguments(called['arguments']) } }
}

function lenientMessage(message: unknown, isNewest: boolean): unknown {
  if (!isRecord(message)) return message
  const { images } = message
  const role = lenientRole(message['role'])
  const calls = Array.isArray(message['tool_calls']) ? message['tool_calls'] : null
  const oldImages = !isNewest && Array.isArray(images) ? images.map(() => '[image left out]') : []
  const content = contentWords(message['content'])
  const media = isNewest ? mediaOf(message['content']) : []
  return {
    ...message,
    role: role === 'developer' ? 'system' : role === 'function' ? 'tool' : role,
    content: oldImages.length > 0 ? [content, ...oldImages].join('\n') : content,
    images: oldImages.length > 0 ? null : media.length > 0 ? media : images,
    tool_name: message['tool_name'] ?? message['name'],
    tool_calls: calls?.map(lenientCall),
  }
}

/** The parts of OpenAI's kind that are not text. They are refused as Ollama's images are. */
function mediaOf(content: unknown): unknown[] {
  const parts = lenientContent(content, true)
  return Array.isArray(parts) ? parts.filter((part) => isRecord(part) && part['type'] !== 'text') : []
}

function lenientThink(think: unknown): unknown {
  if (think === null || think === undefined || typeof think === 'boolean') return think
  if (typeof think === 'number') return think !== 0
  return lenientEffort(isRecord(think) ? think['effort'] : think)
}

function lenientOptions(options: unknown): unknown {
  // PHP writes an empty object as an empty list.
  if (Array.isArray(options) && options.length === 0) return undefined
  if (!isRecord(options)) return options
  const { repetition_penalty: repeatPenalty, ...settings } = lenientSettings(options)
  return { ...settings, ...(repeatPenalty === undefined ? {} : { repeat_penalty: repeatPenalty }) }
}

/** Converts a request of any client of Ollama's API to the shape of its schema. */
export function lenientOllama(given: unknown): unknown {
  if (!isRecord(given)) return given
  const { messages, prompt, name } = given
  const body = lenientScalars(given)
  if ((body['model'] === undefined || body['model'] === null) && typeof name === 'string') body['model'] = name
  if (messages === null) body['messages'] = []
  if (Array.isArray(messages)) {
    const newest = newestOfUser(messages)
    body['messages'] = messages.map((message, index) => lenientMessage(message, index === newest))
  }
  if (prompt === null) body['prompt'] = ''
  if (body['tools'] !== undefined)
    body['tools'] = unlistedTools(body).tools ?? lenientTools(body['tools']).map(({ type, ...called }) => ({ type, function: called }))
  if ('options' in body) body['options'] = lenientOptions(body['options'])
  if ('think' in body) body['think'] = lenientThink(body['think'])
  return body
}
