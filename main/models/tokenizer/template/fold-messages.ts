import type { ChatMessage } from '../../../shared/inference/inference.ts'

const GAP = '\n\n'

const isPlain = ({ toolCalls = [] }: ChatMessage): boolean => toolCalls.length === 0

/** Moves all system messages, in their order, into a single message at the start. */
export function gatherSystem(messages: readonly ChatMessage[]): ChatMessage[] {
  const system = messages.filter(({ role }) => role === 'system').map(({ content }) => content)
  const others = messages.filter(({ role }) => role !== 'system')
  return system.length === 0 ? others : [{ role: 'system', content: system.join(GAP) }, ...others]
}

/** Joins consecutive messages of the same role, which a template that requires alternating turns would refuse. */
export function joinNeighbours(messages: readonly ChatMessage[]): ChatMessage[] {
  const joined: ChatMessage[] = []
  for (const message of messages) {
    const last = joined.at(-1)
    const isTurn = message.role === 'user' || message.role === 'assistant'
    if (last?.role === message.role && isTurn && isPlain(last))
      joined[joined.length - 1] = { ...message, content: [last.content, message.content].filter((text) => text !== '').join(GAP) }
    else joined.push(message)
  }
  return joined
}

/** Prepends the system messages to the first user message. */
export function foldSystem(messages: readonly ChatMessage[]): ChatMessage[] {
  const [first, ...others] = gatherSystem(messages)
  if (first?.role !== 'system') return [...messages]
  const [next, ...rest] = others
  return next?.role === 'user'
    ? [{ ...next, content: first.content + GAP + next.content }, ...rest]
    : [{ role: 'user', content: first.content }, ...others]
}

/** Adds a user turn before the assistant's first if the chat starts with the assistant. */
export function beginWithUser(messages: readonly ChatMessage[]): ChatMessage[] {
  const at = messages.findIndex(({ role }) => role !== 'system')
  return messages[at]?.role === 'assistant'
    ? [...messages.slice(0, at), { role: 'user', content: '' }, ...messages.slice(at)]
    : [...messages]
}
