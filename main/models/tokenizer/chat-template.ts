import { Template } from '@huggingface/jinja'
import { writeAnswerStart } from '../../domain/generation/answer-start.ts'
import { AppError, errorMessage } from '../../shared/app-error.ts'
import type { AnswerStart, ChatMessage, ToolDefinition } from '../../shared/inference.ts'

export interface ChatTemplateInput {
  readonly messages: readonly ChatMessage[]
  readonly tools: readonly ToolDefinition[]
  readonly templateVariables: Readonly<Record<string, unknown>>
  /** Words that the answer begins with. */
  readonly answerStart?: AnswerStart | undefined
}

/** Turns a chat into the text that the model was trained on, up to where the assistant speaks. */
export type RenderChat = (input: ChatTemplateInput) => string

/** The template of models that know ChatML's tokens and bring none of their own. */
export const chatMlTemplate =
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"

/**
 * @param source - a Jinja template
 * @param specialTokens - `bos_token`, `eos_token` and their like, by name
 * @throws AppError `model-damaged` where the template cannot be parsed; the function: `invalid-request` where it refuses the chat
 */
export function compileChatTemplate(source: string, specialTokens: Readonly<Record<string, string>>): RenderChat {
  const template = parse(source)
  const asksAlternation = /roles must alternate/i.test(source)
  const joinsArguments = argumentsAreJoinedAsText(source)
  return ({ messages, tools, templateVariables, answerStart }) => {
    if (asksAlternation) checkAlternation(messages)
    try {
      const rendered = template.render({
        ...specialTokens,
        add_generation_prompt: true,
        ...templateVariables,
        messages: messages.map((message) => templateMessage(message, joinsArguments)),
        // Templates ask whether tools are none; an empty list would announce tools.
        tools: tools.length === 0 ? null : tools.map(({ name, description = '', parameters = {} }) => ({ type: 'function', function: { name, description, parameters } })),
      })
      return answerStart ? rendered + writeAnswerStart(answerStart, rendered, source) : rendered
    } catch (cause) {
      throw new AppError('invalid-request', `The model's chat template refuses these messages: ${errorMessage(cause)}`, {}, cause)
    }
  }
}

function parse(source: string): Template {
  try {
    return new Template(source)
  } catch (cause) {
    throw new AppError('model-damaged', `The model's chat template cannot be read: ${errorMessage(cause)}`, {}, cause)
  }
}

/** Templates of DeepSeek's kind concatenate a call's arguments; the others want them as an object. */
function argumentsAreJoinedAsText(source: string): boolean {
  return /\+\s*\w+(\[['"]function['"]\]|\.function)?(\[['"]arguments['"]\]|\.arguments)\s*(\+|-?%\}|-?\}\})/.test(source)
}

function templateMessage(message: ChatMessage, joinsArguments: boolean): Record<string, unknown> {
  return {
    role: message.role,
    content: message.content,
    ...(message.name === undefined ? {} : { name: message.name }),
    ...(message.toolCallId === undefined ? {} : { tool_call_id: message.toolCallId }),
    ...(message.toolCalls === undefined || message.toolCalls.length === 0
      ? {}
      : {
          tool_calls: message.toolCalls.map((call) => ({
            id: call.id,
            type: 'function',
            function: { name: call.name, arguments: joinsArguments ? call.argumentsJson : parsedArguments(call.argumentsJson) },
          })),
        }),
  }
}

/** What a model wrote need not be JSON: then the text itself. */
function parsedArguments(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return json
  }
}

/** Templates say so by means that this Jinja does not have (`selectattr(..., "undefined")`). */
function checkAlternation(messages: readonly ChatMessage[]): void {
  const speakers = messages.filter(({ role, toolCalls }) => role === 'user' || (role === 'assistant' && (toolCalls ?? []).length === 0))
  speakers.forEach((message, index) => {
    if (message.role !== (index % 2 === 0 ? 'user' : 'assistant'))
      throw new AppError('invalid-request', 'This model needs user and assistant messages in turn, a user message first (after an optional system message).')
  })
}
