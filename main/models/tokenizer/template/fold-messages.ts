import type { ChatMessage } from '../../../shared/inference/inference.ts'

const GAP = '\n\n'

const isPlain = ({ toolCalls = [] }: ChatMessage): boolean => toolCalls.length === 0

/** All words of the system in one message before all others, in their order. */
export function gatherSystem(messages: readonly ChatMessage[]): ChatMessage[] {
  const system = messages.filter(({ role }) => role === 'system').map(({ content }) => content)
  const others = messages.filter(({ role }) => role !== 'system')
  return system.length === 0 ? others : [{ role: 'system', content: system.join(GAP) }, ...others]
}

/** Neighbours of one role as one message: what a template that asks for turns would refuse. */
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

/** The words of the system at the head of the user's first ones. */
export function foldSystem(messages: readonly ChatMessage[]): ChatMessage[] {
  const [first, ...others] = gatherSystem(messages)
  if (first?.role !== 'system') return [...messages]
  const [next, ...rest] = others
  return next?.role === 'user'
    ? [{ ...next, content: first.content + GAP + next.content }, ...rest]
    : [{ role: 'user', content: first.content }, ...others]
}

/** A turn of the user before the assistant's first, where that begins the chat. */
export function beginWithUser(messages: readonly ChatMessage[]): ChatMessage[] {
  const at = messages.findIndex(({ role }) => role !== 'system')
  return messages[at]?.role === 'assistant'
    ? [...messages.slice(0, at), { role: 'user', content: '' }, ...messages.slice(at)]
    : [...messages]
}
