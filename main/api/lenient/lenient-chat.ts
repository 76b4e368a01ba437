import { calledFunction } from './called-function.ts'
import { isRecord, jsonText, type JsonRecord } from './json-record.ts'
import { lenientContent, lenientResult } from './lenient-content.ts'
import { lenientRole } from './lenient-role.ts'
import { lenientEffort } from './lenient-effort.ts'
import { chatLogprobs, lenientSettings, withLimitAs } from './lenient-settings.ts'
import { lenientToolFields, unlistedTools } from './lenient-tools.ts'
import { spreadBlocks } from './spread-blocks.ts'

/** Assigns ids to calls without one. A result without an id belongs to the next call that has no result. */
class CallIds {
  private count = 0
  private open: string[] = []

  call(given: unknown): string {
    const id = typeof given === 'string' && given !== '' ? given : `call_${(this.count += 1)}`
    this.open.push(id)
    return id
  }

  result(given: unknown): string {
    const id = typeof given === 'string' && given !== '' ? given : (this.open[0] ?? `call_${(this.count += 1)}`)
    this.open = this.open.filter((candidate) => candidate !== id)
    return id
  }
}

function lenientCall(call: unknown, ids: CallIds): unknown {
  if (!isRecord(call)) return call
  const called = calledFunction(call)
  if (!called) return call
  return { ...call, id: ids.call(call['id']), type: 'function', function: { ...called, arguments: jsonText(called['arguments'], '{}') } }
}

/** The words of a message: those of a refusal, if it has no others. */
const wordsOf = ({ content, refusal }: JsonRecord): unknown =>
  typeof refusal === 'string' && (content === undefined || content === null || content === '') ? refusal : content

function lenientMessage(message: unknown, isNewest: boolean, ids: CallIds): unknown {
  if (!isRecord(message)) return message
  const role = lenientRole(message['role'])
  const { name, ...rest } = message
  const given = { ...rest, role, ...(typeof name === 'string' ? { name } : {}) }
  if (role === 'tool' || role === 'function')
    return { ...given, role: 'tool', content: lenientResult(message['content']), tool_call_id: ids.result(message['tool_call_id']) }
  const content = lenientContent(wordsOf(message), isNewest)
  if (role !== 'assistant') return { ...given, content }
  const calls = isRecord(message['function_call']) ? [{ function: message['function_call'] }] : message['tool_calls']
  return { ...given, content, tool_calls: Array.isArray(calls) ? calls.map((call) => lenientCall(call, ids)) : calls }
}

/** Index of the user's newest message; -1: none. */
export function newestOfUser(messages: readonly unknown[]): number {
  return messages.findLastIndex((message) => isRecord(message) && lenientRole(message['role']) === 'user')
}

/** Translates the thinking switches of other servers into ours. */
function lenientThinking(body: JsonRecord): JsonRecord {
  const { reasoning, thinking } = body
  const switched = { ...body }
  if (isRecord(reasoning) && !body['reasoning_effort'])
    switched['reasoning_effort'] = reasoning['enabled'] === false ? 'none' : lenientEffort(reasoning['effort'])
  if (isRecord(thinking) && typeof thinking['type'] === 'string') switched['enable_thinking'] ??= thinking['type'] !== 'disabled'
  return switched
}

/** Converts a chat request of any OpenAI client to the shape of `ChatCompletionRequest`. */
export function lenientChat(given: unknown): unknown {
  if (!isRecord(given)) return given
  const body = lenientThinking(lenientSettings(withLimitAs('max_tokens', chatLogprobs(given))))
  const { tools, choice } = lenientToolFields(body)
  const { functions: _functions, function_call: _call, ...rest } = body
  const messages = Array.isArray(body['messages']) ? body['messages'].flatMap(spreadBlocks) : null
  const ids = new CallIds()
  const newest = messages ? newestOfUser(messages) : -1
  const choiceFields =
    choice === null ? {} : { tool_choice: typeof choice === 'string' ? choice : { type: 'function', function: { name: choice.name } } }
  return {
    ...rest,
    ...(messages ? { messages: messages.map((message, index) => lenientMessage(message, index === newest, ids)) } : {}),
    tools: tools.map(({ type, ...called }) => ({ type, function: called })),
    ...unlistedTools(body),
    ...choiceFields,
  }
}
