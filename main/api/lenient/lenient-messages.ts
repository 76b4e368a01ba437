import { isRecord, recordsOf, type JsonRecord } from './json-record.ts'
import { newestOfUser } from './lenient-chat.ts'
import { contentWords, lenientContent, lenientResult } from './lenient-content.ts'
import { lenientRole } from './lenient-role.ts'
import { lenientSettings } from './lenient-settings.ts'
import { lenientTools, lenientToolChoice, unlistedTools } from './lenient-tools.ts'

function lenientInput(input: unknown): unknown {
  if (isRecord(input)) return input
  if (typeof input !== 'string' || input === '') return {}
  try {
    const parsed: unknown = JSON.parse(input)
    return isRecord(parsed) ? parsed : { input: parsed }
  } catch {
    return { input }
  }
}

function lenientBlock(block: unknown, isNewest: boolean, isUsers: boolean): unknown[] {
  if (isRecord(block) && block['type'] === 'tool_use') return [{ ...block, input: lenientInput(block['input']) }]
  if (isRecord(block) && block['type'] === 'tool_result') {
    const { content } = block
    const isWords = typeof content === 'string' || content === null || content === undefined
    return [{ ...block, content: isWords ? content : lenientResult(content) }]
  }
  if (isRecord(block) && (block['type'] === 'thinking' || block['type'] === 'redacted_thinking')) return isUsers ? [] : [block]
  const parts = lenientContent([block], isNewest)
  return Array.isArray(parts) ? parts : [parts]
}

function lenientBlocks(content: unknown, isNewest: boolean, isUsers: boolean): unknown {
  if (!Array.isArray(content)) return lenientContent(content, isNewest)
  return content.flatMap((block) => lenientBlock(block, isNewest, isUsers))
}

const toBlocks = (content: unknown): unknown[] => (Array.isArray(content) ? content : [{ type: 'text', text: content }])

/**
 * Handles system messages: those before all others start the prompt, and later ones become part of the user's turn at
 * their position. Every template accepts that, and the start of the prompt stays the same.
 */
function foldSystem(messages: readonly unknown[]): { system: string[]; messages: unknown[] } {
  const system: string[] = []
  const folded: unknown[] = []
  let joins = false
  for (const given of messages) {
    const message = isRecord(given) ? { ...given, role: lenientRole(given['role']) } : given
    const isSystem = isRecord(message) && (message['role'] === 'system' || message['role'] === 'developer')
    if (isSystem && folded.length === 0) {
      system.push(contentWords(message['content']))
      continue
    }
    const turn: unknown = isSystem
      ? { role: 'user', content: [{ type: 'text', text: `<system-reminder>\n${contentWords(message['content'])}\n</system-reminder>` }] }
      : message
    const last = folded.at(-1)
    const isUsers = (value: unknown): value is JsonRecord => isRecord(value) && value['role'] === 'user'
    if ((isSystem || joins) && isUsers(last) && isUsers(turn))
      folded[folded.length - 1] = { ...last, content: [...toBlocks(last['content']), ...toBlocks(turn['content'])] }
    else folded.push(turn)
    joins = isSystem
  }
  // A prompt that consists only of system messages still needs a user turn.
  return folded.length === 0 && system.length > 0
    ? { system: [], messages: [{ role: 'user', content: system.join('\n') }] }
    : { system, messages: folded }
}

function lenientSystem(given: unknown, folded: readonly string[]): unknown {
  const system = given === null || given === undefined ? [] : lenientContent(typeof given === 'string' ? [given] : given, true)
  if (!Array.isArray(system)) return system
  const all = [...(system as unknown[]), ...folded.map((text) => ({ type: 'text', text }))]
  return all.length === 0 ? undefined : all
}

function lenientChoice(choice: unknown): unknown {
  const known = lenientToolChoice(choice)
  if (known === null || choice === null || choice === undefined) return choice
  const kept = isRecord(choice) ? choice : {}
  if (typeof known === 'object') return { ...kept, type: 'tool', name: known.name }
  return { ...kept, type: known === 'required' ? 'any' : known }
}

/** Converts a request of any client of Anthropic's API to the shape of `MessagesRequest`. */
export function lenientMessages(given: unknown): unknown {
  if (!isRecord(given)) return given
  const body = lenientSettings(given)
  const { thinking } = body
  const folded = Array.isArray(body['messages']) ? foldSystem(body['messages']) : null
  const newest = folded ? newestOfUser(folded.messages) : -1
  const known = isRecord(thinking) && ['enabled', 'adaptive', 'disabled'].includes(String(thinking['type']))
  const tools = recordsOf(body['tools']).filter(
    (tool) =>
      isRecord(tool['input_schema']) ||
      tool['type'] === 'custom' ||
      tool['type'] === undefined ||
      tool['type'] === null ||
      tool['type'] === 'function',
  )
  return {
    ...body,
    ...(body['max_tokens'] === null ? { max_tokens: Number.MAX_SAFE_INTEGER } : {}),
    ...(body['top_k'] === -1 ? { top_k: 0 } : {}),
    ...(typeof body['stop_sequences'] === 'string' ? { stop_sequences: [body['stop_sequences']] } : {}),
    thinking: known ? thinking : undefined,
    system: lenientSystem(body['system'], folded?.system ?? []),
    ...(folded
      ? {
          messages: folded.messages.map((message, index) =>
            isRecord(message)
              ? { ...message, content: lenientBlocks(message['content'], index === newest, message['role'] === 'user') }
              : message,
          ),
        }
      : {}),
    tools: lenientTools(tools).map(({ name, description, parameters, strict }) => ({
      name,
      ...(strict ? { strict } : {}),
      ...(description === undefined ? {} : { description }),
      input_schema: parameters ?? { type: 'object', properties: {} },
    })),
    ...unlistedTools(body),
    tool_choice: lenientChoice(body['tool_choice']),
  }
}
