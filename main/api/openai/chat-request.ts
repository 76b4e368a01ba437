import type { ChatMessage, InferenceRequest, Prompt } from '../../shared/inference/inference.ts'
import type { ChatCompletionRequest, MessageContent, WireMessage } from '../../shared/wire/api/openai.ts'
import { ApiError } from '../api-error.ts'
import { draftModelOf, toGenerationSettings } from '../prompt/generation-settings.ts'
import { reasoningVariables } from '../prompt/reasoning-variables.ts'
import { type AnswerDemand, toolDemand } from '../form/answer-demand.ts'
import { FORM_FIELDS, formDemand } from '../form/form-demand.ts'
import { type IsNeutral, refusedBut, refuseUnsupported } from '../prompt/refuse-unsupported.ts'
import { begunAnswer } from '../prompt/begun-answer.ts'
import { tokenRulesOf } from '../prompt/token-rules-of.ts'

/** @throws ApiError 400 for parts that are not text */
function contentText(content: MessageContent, param: string): string {
  if (typeof content === 'string') return content
  return content
    .map((part, index) => {
      if (part.type === 'text' && typeof part.text === 'string') return part.text
      throw new ApiError(400, 'unsupported_value', `This node reads text only, not content parts of type '${part.type}'.`, {
        param: `${param}[${index}].type`,
      })
    })
    .join('')
}

function toChatMessage(message: WireMessage, index: number): ChatMessage {
  const param = `messages[${index}].content`
  if (message.role === 'tool') return { role: 'tool', content: contentText(message.content, param), toolCallId: message.tool_call_id }
  const name = typeof message.name === 'string' ? { name: message.name } : {}
  if (message.role !== 'assistant')
    return { role: message.role === 'developer' ? 'system' : message.role, content: contentText(message.content, param), ...name }
  const toolCalls = (message.tool_calls ?? []).map((call) => ({
    id: call.id,
    name: call.function.name,
    argumentsJson: call.function.arguments,
  }))
  const reasoning = message['reasoning_content'] ?? message['reasoning']
  return {
    role: 'assistant',
    content: contentText(message.content ?? '', param),
    ...(typeof reasoning === 'string' && reasoning !== '' ? { reasoning } : {}),
    ...name,
    ...(toolCalls.length > 0 ? { toolCalls } : {}),
  }
}

/** The prompt of a chat, with its tools. */
export function toChatPrompt(body: ChatCompletionRequest): Prompt {
  const tools = body['tool_choice'] === 'none' ? [] : (body.tools ?? [])
  const messages = body.messages.map(toChatMessage)
  const isAskedFor = body.continue_final_message === true
  const begun = begunAnswer(messages, body.continue_final_message === false || (body.add_generation_prompt === false && !isAskedFor))
  if (isAskedFor && begun === null) {
    throw new ApiError(
      400,
      'invalid_value',
      "'continue_final_message' continues a message of the assistant: the last message must be the assistant's and follow one of the user.",
      { param: 'continue_final_message' },
    )
  }
  return {
    kind: 'messages',
    messages: begun === null ? messages : messages.slice(0, -1),
    ...(begun === null || begun === '' ? {} : { answerStart: { kind: 'text' as const, text: begun, afterThinking: true } }),
    ...(body.chat_template ? { template: body.chat_template } : {}),
    tools: tools.map(({ function: { name, description, parameters } }) => ({
      name,
      ...(typeof description === 'string' ? { description } : {}),
      ...(parameters ? { parameters } : {}),
    })),
    templateVariables: {
      ...reasoningVariables(body.reasoning_effort ?? null, body.enable_thinking ?? null),
      ...body.chat_template_kwargs,
      ...(body.add_generation_prompt === false && begun === null ? { add_generation_prompt: false } : {}),
    },
  }
}

const REFUSED: Readonly<Record<string, IsNeutral>> = refusedBut([...FORM_FIELDS, 'tool_choice', 'function_call', 'functions'])

/** The required form of the answer; null: anything. A required call takes precedence over a format. @throws ApiError 400 */
export async function toChatDemand(body: ChatCompletionRequest): Promise<AnswerDemand | null> {
  const call = toolDemand(
    body['tool_choice'],
    (body.tools ?? []).map((tool) => tool.function),
  )
  return call ?? (await formDemand(body))
}

/** @throws ApiError 400 for unsupported requests */
export function toChatInference(body: ChatCompletionRequest, requestId: string): InferenceRequest {
  refuseUnsupported(body, REFUSED)
  const topLogprobs = body.top_logprobs ?? null
  if (topLogprobs !== null && body.logprobs !== true) {
    throw new ApiError(400, 'invalid_value', "'top_logprobs' requires 'logprobs' to be true.", { param: 'top_logprobs' })
  }
  return {
    requestId,
    model: body.model,
    prompt: toChatPrompt(body),
    maxTokens: body.max_completion_tokens ?? body.max_tokens ?? null,
    ...toGenerationSettings(body),
    topLogprobs: body.logprobs === true ? (topLogprobs ?? 0) : null,
    promptLogprobs: false,
    ...tokenRulesOf(body),
    ...draftModelOf(body),
  }
}
