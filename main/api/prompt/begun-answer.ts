import type { ChatMessage } from '../../shared/inference/inference.ts'

/**
 * A last message of the assistant is how the answer begins, unless the request says that it is whole; null: there is none.
 * Spaces at its end would keep the model from going on with a word.
 */
export function begunAnswer(messages: readonly ChatMessage[], isWhole: boolean): string | null {
  const last = messages.at(-1)
  const mayBegin = !isWhole && last?.role === 'assistant' && messages.length > 1 && (last.toolCalls ?? []).length === 0
  return mayBegin ? last.content.replace(/[ \t]+$/, '') : null
}
