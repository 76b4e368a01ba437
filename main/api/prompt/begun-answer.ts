import type { ChatMessage } from '../../shared/inference/inference.ts'

/**
 * The start of the answer, given as a last message of the assistant, unless the request marks that message as complete;
 * null: there is none. Trailing spaces are removed: they would keep the model from continuing with a word.
 */
export function begunAnswer(messages: readonly ChatMessage[], isWhole: boolean): string | null {
  const last = messages.at(-1)
  const mayBegin = !isWhole && last?.role === 'assistant' && messages.length > 1 && (last.toolCalls ?? []).length === 0
  return mayBegin ? last.content.replace(/[ \t]+$/, '') : null
}
