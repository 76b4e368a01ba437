import type { ChatMessage, InferenceRequest } from '../../../shared/inference/inference.ts'
import type { InputItem, ItemContent, ResponseItem, ResponseRequest } from '../../../shared/wire/api/openai-responses.ts'
import { ApiError } from '../../api-error.ts'
import { toGenerationSettings } from '../../prompt/generation-settings.ts'
import { reasoningVariables } from '../../prompt/reasoning-variables.ts'
import { type AnswerDemand, toolDemand } from '../../form/answer-demand.ts'
import { FORM_FIELDS, formDemand } from '../../form/form-demand.ts'
import { refusedBut, refuseUnsupported } from '../../prompt/refuse-unsupported.ts'
import { tokenRulesOf } from '../../prompt/token-rules-of.ts'

/** Fields of OpenAI's API that this node does not support, with the values that have no effect. */
const REFUSED: Readonly<Record<string, (value: unknown) => boolean>> = {
  prompt: () => false,
  truncation: (value) => value === 'disabled',
}
const REFUSED_OF_CHAT = refusedBut([...FORM_FIELDS, 'tool_choice'])

function itemText(content: ItemContent, param: string): string {
  if (typeof content === 'string') return content
  return content
    .map((part, index) => {
      if (typeof part['text'] === 'string' && part.type !== 'input_image') return part['text']
      throw new ApiError(400, 'unsupported_value', `This node reads text only, not content parts of type '${part.type}'.`, {
        param: `${param}[${index}].type`,
      })
    })
    .join('')
}

/** An item can extend the message before it: calls belong to the assistant's text that led to them. */
function appendItem(messages: ChatMessage[], item: InputItem, param: string, reasoning: string): void {
  if (item.type === 'reasoning') return
  const thought = reasoning === '' ? {} : { reasoning }
  if (item.type === 'function_call_output') {
    messages.push({ role: 'tool', content: itemText(item.output, `${param}.output`), toolCallId: item.call_id })
  } else if (item.type === 'function_call') {
    const call = { id: item.call_id, name: item.name, argumentsJson: item.arguments }
    const last = messages.at(-1)
    if (last?.role === 'assistant') messages[messages.length - 1] = { ...last, ...thought, toolCalls: [...(last.toolCalls ?? []), call] }
    else messages.push({ role: 'assistant', content: '', ...thought, toolCalls: [call] })
  } else {
    messages.push({
      role: item.role === 'developer' ? 'system' : item.role,
      content: itemText(item.content, `${param}.content`),
      ...(item.role === 'assistant' ? thought : {}),
    })
  }
}

/** The text of a reasoning item: all of it if the client has it, otherwise the summary. */
function reasoningText(item: Extract<InputItem, { type: 'reasoning' }>): string {
  const textsOf = (parts: unknown): string =>
    Array.isArray(parts)
      ? parts
          .map((part: unknown) => (part as { text?: unknown } | null)?.text)
          .filter((text) => typeof text === 'string')
          .join('\n')
      : ''
  return textsOf(item['content']) || textsOf(item['summary'])
}

function toMessages(items: readonly InputItem[], instructions: string | null | undefined): ChatMessage[] {
  const messages: ChatMessage[] = typeof instructions === 'string' ? [{ role: 'system', content: instructions }] : []
  let reasoning = ''
  for (const [index, item] of items.entries()) {
    appendItem(messages, item, `input[${index}]`, reasoning)
    reasoning = item.type === 'reasoning' ? reasoningText(item) : ''
  }
  if (messages.length === 0) throw new ApiError(400, 'invalid_value', 'The input has no messages.', { param: 'input' })
  return messages
}

/** The required form of the answer; null: anything. @throws ApiError 400 */
export async function toResponseDemand(body: ResponseRequest): Promise<AnswerDemand | null> {
  return toolDemand(body['tool_choice'], body.tools ?? []) ?? formDemand(body)
}

/** The number of alternatives per token's logprob; null: no logprobs are requested. */
export function topLogprobsOf({ include, top_logprobs: top }: ResponseRequest): number | null {
  return include?.includes('message.output_text.logprobs') || (top ?? 0) > 0 ? (top ?? 0) : null
}

/**
 * @param items - the whole conversation
 * @throws ApiError 400 for unsupported requests
 */
export function toResponseInference(body: ResponseRequest, items: readonly ResponseItem[], requestId: string): InferenceRequest {
  refuseUnsupported(body, REFUSED)
  refuseUnsupported(body, REFUSED_OF_CHAT)
  const tools = body['tool_choice'] === 'none' ? [] : (body.tools ?? [])
  return {
    requestId,
    model: body.model,
    prompt: {
      kind: 'messages',
      messages: toMessages(items, body.instructions),
      ...(typeof body['chat_template'] === 'string' && body['chat_template'] !== '' ? { template: body['chat_template'] } : {}),
      tools: tools.map(({ name, description, parameters }) => ({
        name,
        ...(typeof description === 'string' ? { description } : {}),
        ...(parameters ? { parameters } : {}),
      })),
      templateVariables: { ...reasoningVariables(body.reasoning?.effort ?? null, null), ...body.chat_template_kwargs },
    },
    maxTokens: body.max_output_tokens ?? null,
    ...toGenerationSettings(body),
    topLogprobs: topLogprobsOf(body),
    promptLogprobs: false,
    ...tokenRulesOf(body),
  }
}
