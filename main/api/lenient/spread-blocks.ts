import { isRecord, type JsonRecord } from './json-record.ts'

const isBlock =
  (type: string) =>
  (part: unknown): part is JsonRecord =>
    isRecord(part) && part['type'] === type
const isUse = isBlock('tool_use')
const isResult = isBlock('tool_result')

/**
 * Anthropic's blocks of calls and results in a chat's message, as OpenAI's fields and messages. Clients that speak to several
 * APIs keep one shape of history: the calls become `tool_calls`, and each result a message of the role `tool`, before the text
 * of its message.
 */
export function spreadBlocks(message: unknown): unknown[] {
  if (!isRecord(message) || !Array.isArray(message['content'])) return [message]
  const content: readonly unknown[] = message['content']
  const uses = content.filter(isUse)
  const results = content.filter(isResult)
  if (uses.length + results.length === 0) return [message]
  const words = content.filter((part) => !isUse(part) && !isResult(part))
  const given: readonly unknown[] = Array.isArray(message['tool_calls']) ? message['tool_calls'] : []
  const rest = { ...message, content: words, ...(uses.length > 0 ? { tool_calls: [...given, ...uses] } : {}) }
  const answers = results.map((block) => ({ role: 'tool', tool_call_id: block['tool_use_id'], content: block['content'] }))
  return words.length + uses.length > 0 ? [...answers, rest] : answers
}
