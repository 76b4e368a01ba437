import { renderChat } from '../../domain/go-template/render-chat.ts'
import type { Prompt } from '../../shared/inference/inference.ts'

/**
 * A conversation as a template of Go writes it, in place of the model's own; other prompts as they are.
 *
 * @throws AppError `invalid-request` for text that is not such a template
 */
export function withTemplate(prompt: Prompt, template: string | null | undefined): Prompt {
  if (prompt.kind !== 'messages' || !template) return prompt
  const { messages, tools, templateVariables, answerStart, precedingTokenIds } = prompt
  const thinking = templateVariables['enable_thinking']
  const text = renderChat(template, { messages, tools, think: typeof thinking === 'boolean' ? thinking : null })
  return {
    kind: 'text',
    text: answerStart?.kind === 'text' ? text + answerStart.text : text,
    ...(precedingTokenIds ? { precedingTokenIds } : {}),
  }
}
