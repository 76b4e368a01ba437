import type { ChatSettings, StoredMessage } from './chat.ts'
import { fillVariables } from './fill-variables.ts'
import { type ChatToolCall, functionNameOf, resultForModel } from './tool-call.ts'

interface RequestMessage {
  readonly role: 'system' | 'user' | 'assistant' | 'tool'
  readonly content: string
  readonly tool_calls?: readonly unknown[]
  readonly tool_call_id?: string
}

/** The body of a chat completion. */
export interface ChatRequestBody {
  readonly model: string
  readonly messages: readonly RequestMessage[]
  readonly [setting: string]: unknown
}

/** A question as the model reads it: its files first, each between tags, then its text. */
export function promptText({ content, attachments }: Pick<StoredMessage, 'content' | 'attachments'>): string {
  const files = attachments.map(({ name, text }) => `<file name="${name.replaceAll('"', "'")}">\n${text.trimEnd()}\n</file>`)
  return [...files, ...(content === '' ? [] : [content])].join('\n\n')
}

const toWireCall = (call: ChatToolCall): unknown => ({
  id: call.id,
  type: 'function',
  function: { name: functionNameOf(call), arguments: call.argumentsJson },
})

/**
 * The request for an answer to the last message of `path`, or for its continuation if that is an answer. Other empty
 * answers are left out, because models would imitate them.
 */
export function toChatRequest(path: readonly StoredMessage[], settings: ChatSettings, modelId: string): ChatRequestBody {
  const { systemPrompt, temperature, topP, maxTokens, seed, thinking, isTrifurcated, draftModelId, validatorModelId } = settings
  const atMs = path.findLast(({ role }) => role === 'user')?.atMs ?? 0
  const system = { role: 'system' as const, content: fillVariables(systemPrompt, { atMs, modelId }) }
  const said = path
    .filter(({ role, content, calls }) => role === 'user' || content !== '' || calls.length > 0)
    .flatMap((message) => [
      {
        role: message.role,
        content: promptText(message),
        ...(message.calls.length === 0 ? {} : { tool_calls: message.calls.map(toWireCall) }),
      },
      ...message.calls.map((call) => ({ role: 'tool' as const, tool_call_id: call.id, content: resultForModel(call) })),
    ])
  return {
    model: modelId,
    messages: systemPrompt.trim() === '' ? said : [system, ...said],
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
