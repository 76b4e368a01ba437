import type { ChatMessage, InferenceRequest, Prompt } from '../../shared/inference/inference.ts'
import type { OllamaChatRequest, OllamaGenerateRequest, OllamaMessage } from '../../shared/wire/api/ollama.ts'
import { ApiError } from '../api-error.ts'
import { SHOWN_TEMPLATE } from './format-modelfile.ts'
import { toGenerationSettings } from '../prompt/generation-settings.ts'
import { reasoningVariables } from '../prompt/reasoning-variables.ts'
import { begunAnswer } from '../prompt/begun-answer.ts'
import { withTemplate } from '../derived/with-template.ts'
import { refuseUnsupported } from '../prompt/refuse-unsupported.ts'

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0

/** Fields of Ollama's API that this node does not support, with the values that have no effect. */
const REFUSED: Readonly<Record<string, (value: unknown) => boolean>> = {
  images: isEmptyList,
}

/** Ollama's clients add a tag to names without one. */
export function modelName(name: string): string {
  return name.replace(/:latest$/, '')
}

function toSettings(body: OllamaChatRequest | OllamaGenerateRequest): Omit<InferenceRequest, 'requestId' | 'model' | 'prompt'> {
  const options = body.options ?? {}
  const maxTokens = options.num_predict ?? -1
  const given = {
    ...options,
    repetition_penalty: options.repeat_penalty,
  }
  return {
    ...toGenerationSettings({ ...given, n: 1, logit_bias: null, ignore_eos: false }),
    maxTokens: maxTokens <= 0 ? null : maxTokens,
    ...(options.num_ctx ? { contextTokens: options.num_ctx } : {}),
    topLogprobs: body.logprobs === true ? (body.top_logprobs ?? 0) : null,
    promptLogprobs: false,
  }
}

function thinkVariables(think: OllamaChatRequest['think']): Record<string, unknown> {
  if (think === null || think === undefined) return {}
  return typeof think === 'boolean' ? reasoningVariables(null, think) : reasoningVariables(think, null)
}

/** Ollama's calls have no ids: a result belongs to the call of its name, or else to the next in order. */
function toChatMessages(messages: readonly OllamaMessage[]): ChatMessage[] {
  let calls = 0
  let open: { id: string; name: string }[] = []
  return messages.map((message, index) => {
    if (message.images && message.images.length > 0)
      throw new ApiError(400, 'unsupported_value', 'This node reads text only, not images.', { param: `messages[${index}].images` })
    const content = message.content ?? ''
    if (message.role === 'tool') {
      const call = open.find(({ name }) => name === message.tool_name) ?? open[0]
      open = open.filter((candidate) => candidate !== call)
      return { role: 'tool', content, ...(message.tool_name ? { name: message.tool_name } : {}), ...(call ? { toolCallId: call.id } : {}) }
    }
    const toolCalls = (message.tool_calls ?? []).map(({ function: { name, arguments: args } }) => ({
      id: `call${String((calls += 1)).padStart(5, '0')}`,
      name,
      argumentsJson: JSON.stringify(args),
    }))
    if (toolCalls.length > 0) open = toolCalls
    const reasoning = message.role === 'assistant' ? message['thinking'] : null
    return {
      role: message.role,
      content,
      ...(typeof reasoning === 'string' && reasoning !== '' ? { reasoning } : {}),
      ...(toolCalls.length > 0 ? { toolCalls } : {}),
    }
  })
}

/** @throws ApiError 400 for unsupported requests */
export function toOllamaChatInference(body: OllamaChatRequest, requestId: string): InferenceRequest {
  refuseUnsupported(body, REFUSED)
  const messages = toChatMessages(body.messages)
  const begun = begunAnswer(messages, false)
  const prompt: Prompt = {
    kind: 'messages',
    messages: begun === null ? messages : messages.slice(0, -1),
    ...(begun === null || begun === '' ? {} : { answerStart: { kind: 'text' as const, text: begun, afterThinking: true } }),
    tools: (body.tools ?? []).map(({ function: { name, description, parameters } }) => ({
      name,
      ...(typeof description === 'string' ? { description } : {}),
      ...(parameters ? { parameters } : {}),
    })),
    templateVariables: thinkVariables(body.think),
  }
  return { requestId, model: modelName(body.model), prompt, ...toSettings(body) }
}

/** @throws ApiError 400 for unsupported requests */
export function toOllamaGenerateInference(body: OllamaGenerateRequest, requestId: string): InferenceRequest {
  refuseUnsupported(body, REFUSED)
  const system: ChatMessage[] = body.system ? [{ role: 'system', content: body.system }] : []
  const preceding = body.context && body.context.length > 0 ? { precedingTokenIds: body.context } : {}
  const conversation: Prompt =
    body.raw === true || body['suffix']
      ? {
          kind: 'text',
          text: body.prompt,
          ...(typeof body['suffix'] === 'string' && body['suffix'] !== '' ? { suffix: body['suffix'] } : {}),
          ...preceding,
        }
      : {
          kind: 'messages',
          messages: [...system, { role: 'user', content: body.prompt }],
          tools: [],
          templateVariables: thinkVariables(body.think),
          ...preceding,
        }
  const prompt = withTemplate(conversation, body.template === SHOWN_TEMPLATE ? null : body.template)
  return { requestId, model: modelName(body.model), prompt, ...toSettings(body) }
}
