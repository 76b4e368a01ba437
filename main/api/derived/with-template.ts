import { renderChat } from '../../domain/go-template/render-chat.ts'
import type { Prompt } from '../../shared/inference/inference.ts'

/**
 * A conversation rendered with a Go template instead of the model's own; other prompts are unchanged.
 *
 * @throws AppError `invalid-request` for an invalid template
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
