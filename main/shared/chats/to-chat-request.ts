import type { ChatSettings, StoredMessage } from './chat.ts'

/** The body of a chat completion. */
export interface ChatRequestBody {
  readonly model: string
  readonly messages: readonly { readonly role: 'system' | 'user' | 'assistant'; readonly content: string }[]
  readonly [setting: string]: unknown
}

/** A question as the model reads it: its files first, each between tags, then its text. */
export function promptText({ content, attachments }: Pick<StoredMessage, 'content' | 'attachments'>): string {
  const files = attachments.map(({ name, text }) => `<file name="${name.replaceAll('"', "'")}">\n${text.trimEnd()}\n</file>`)
  return [...files, ...(content === '' ? [] : [content])].join('\n\n')
}

/**
 * The request for an answer to the last message of `path`, or for its continuation if that is an answer. Other empty
 * answers are left out, because models would imitate them.
 */
export function toChatRequest(path: readonly StoredMessage[], settings: ChatSettings, modelId: string): ChatRequestBody {
  const { systemPrompt, temperature, topP, maxTokens, seed, thinking, isTrifurcated, draftModelId, validatorModelId } = settings
  const said = path
    .filter(({ role, content }) => role === 'user' || content !== '')
    .map((message) => ({ role: message.role, content: promptText(message) }))
  return {
    model: modelId,
    messages: systemPrompt.trim() === '' ? said : [{ role: 'system' as const, content: systemPrompt }, ...said],
    ...(said.at(-1)?.role === 'assistant' ? { continue_final_message: true } : {}),
    ...(temperature === null ? {} : { temperature }),
    ...(topP === null ? {} : { top_p: topP }),
    ...(maxTokens === null ? {} : { max_completion_tokens: maxTokens }),
    ...(seed === null ? {} : { seed }),
    ...(thinking === null ? {} : thinking === 'off' ? { enable_thinking: false } : { reasoning_effort: thinking }),
    ...(isTrifurcated && draftModelId !== null ? { speculative_model: draftModelId } : {}),
    ...(isTrifurcated && validatorModelId !== null ? { validator_model: validatorModelId } : {}),
  }
}
