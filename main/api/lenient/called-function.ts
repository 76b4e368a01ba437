import { isRecord, type JsonRecord } from './json-record.ts'

/** What a call in a message calls: a function in an object of its own or beside the call's id, or a tool of plain text. Null: neither. */
export function calledFunction(call: JsonRecord): JsonRecord | null {
  if (isRecord(call['function'])) return call['function']
  const { custom, name } = call
  if (isRecord(custom)) return { name: custom['name'], arguments: { input: custom['input'] } }
  return typeof name === 'string' ? { name, arguments: call['arguments'] ?? call['args'] ?? call['input'] } : null
}
