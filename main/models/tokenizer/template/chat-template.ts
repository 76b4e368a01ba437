import { CALL_FORMS, type CallFormName, callFormOf } from '../../../domain/generation/calls/call-forms.ts'
import { writeAnswerStart } from '../../../domain/generation/calls/answer-start.ts'
import { systemClock } from '../../../platform/clock.ts'
import { AppError, errorMessage } from '../../../shared/app-error.ts'
import type { AnswerStart, ChatMessage, ToolDefinition } from '../../../shared/inference/inference.ts'
import { type CompiledTemplate, compileTemplate } from '../../jinja/compile-template.ts'
import { JinjaError } from '../../jinja/values/jinja-error.ts'
import { parseJsonValue } from '../../jinja/values/parse-json-value.ts'
import { beginWithUser, foldSystem, gatherSystem, joinNeighbours } from './fold-messages.ts'
import { writeToolsInWords } from './generic-tools.ts'
import { probeTemplate, type TemplateManner } from './template-manner.ts'

export interface ChatTemplateInput {
  readonly messages: readonly ChatMessage[]
  readonly tools: readonly ToolDefinition[]
  readonly templateVariables: Readonly<Record<string, unknown>>
  /** Text that the answer starts with. */
  readonly answerStart?: AnswerStart | undefined
  /** Replaces the model's own template. */
  readonly template?: string | undefined
}

/** A model's templates: one for chats, and a separate one for chats with tools if the model has it. */
export interface ChatTemplates {
  readonly plain: string
  readonly toolUse: string | null
}

export interface RenderedChat {
  readonly text: string
  /** How the model writes calls. */
  readonly callForm: CallFormName
}

/** Turns a chat into the text format that the model was trained on, up to the start of the assistant's turn. */
export type RenderChat = (input: ChatTemplateInput) => RenderedChat

/** The template of models that know ChatML's tokens but have no template of their own. */
export const chatMlTemplate =
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + " +
  "'<|im_end|>\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"

/**
 * @param specialTokens - `bos_token`, `eos_token` and so on, by name
 * @throws AppError `model-damaged` if a template cannot be parsed; the returned function throws `invalid-request` if it
 *   refuses the chat
 */
export function compileChatTemplate({ plain, toolUse }: ChatTemplates, specialTokens: Readonly<Record<string, string>>): RenderChat {
  const renderPlain = compileOne(plain, specialTokens)
  const renderTools = toolUse === null ? renderPlain : compileOne(toolUse, specialTokens)
  return (input) => (input.tools.length > 0 ? renderTools : renderPlain)(input)
}

function compileOne(source: string, specialTokens: Readonly<Record<string, string>>): RenderChat {
  const template = parse(source)
  const manner = probeTemplate((variables) => template.render({ ...specialTokens, add_generation_prompt: true, ...variables }))
  const callForm = callFormOf(manner.knowsTools ? source : '')
  return ({ messages, tools, templateVariables, answerStart }) => {
    const told = manner.knowsTools ? tools : []
    const chat = manner.knowsTools ? messages : writeToolsInWords(messages, tools)
    const render = (arranged: readonly ChatMessage[]): string =>
      template.render({
        ...specialTokens,
        add_generation_prompt: true,
        ...templateVariables,
        messages: arranged.map((message) => templateMessage(message, manner, source)),
        // Templates check whether `tools` is none. An empty list would announce tools.
        tools: told.length === 0 ? null : told.map(templateTool),
      })
    const rendered = renderArranged(render, arrangements(chat, told, manner))
    return { text: answerStart ? rendered + writeAnswerStart(answerStart, rendered, CALL_FORMS[callForm]) : rendered, callForm }
  }
}

/** The chat unchanged, and then in forms that stricter templates accept. */
function arrangements(
  chat: readonly ChatMessage[],
  tools: readonly ToolDefinition[],
  { dropsSystem, dropsLaterSystem }: TemplateManner,
): (() => readonly ChatMessage[])[] {
  const hasLaterSystem = chat.slice(1).some(({ role }) => role === 'system')
  const start = dropsSystem ? foldSystem(chat) : dropsLaterSystem && hasLaterSystem ? gatherSystem(chat) : chat
  const inTurns = (messages: readonly ChatMessage[]): ChatMessage[] => beginWithUser(joinNeighbours(messages))
  return [
    () => start,
    () => joinNeighbours(gatherSystem(start)),
    () => inTurns(gatherSystem(start)),
    () => inTurns(foldSystem(start)),
    () => inTurns(writeToolsInWords(gatherSystem(start), tools)),
    () => inTurns(foldSystem(writeToolsInWords(start, tools))),
  ]
}

function renderArranged(render: (messages: readonly ChatMessage[]) => string, forms: readonly (() => readonly ChatMessage[])[]): string {
  let refusal: unknown = null
  for (const form of forms) {
    try {
      return render(form())
    } catch (cause) {
      refusal ??= cause // the refusal of the original chat: the other forms are our own attempts
    }
  }
  throw new AppError('invalid-request', `The model's chat template rejects these messages: ${errorMessage(refusal)}`, {}, refusal)
}

function parse(source: string): CompiledTemplate {
  try {
    return compileTemplate(source, () => new Date(systemClock.now()))
  } catch (cause) {
    if (!(cause instanceof JinjaError)) throw cause
    throw new AppError('model-damaged', `The model's chat template cannot be read: ${cause.message}`, {}, cause)
  }
}

function templateTool({ name, description = '', parameters = {}, parametersJson }: ToolDefinition): unknown {
  return {
    type: 'function',
    function: { name, description, parameters: parametersJson === undefined ? parameters : parseJsonValue(parametersJson) },
  }
}

function templateMessage(message: ChatMessage, { wantsParts, joinsArguments }: TemplateManner, source: string): Record<string, unknown> {
  const { role, content, name, toolCallId, toolCalls = [], reasoning = '' } = message
  return {
    role,
    content: wantsParts ? [{ type: 'text', text: content }] : content,
    ...(name === undefined ? {} : { name }),
    ...(toolCallId === undefined ? {} : { tool_call_id: toolCallId }),
    ...(reasoning === '' ? {} : thought(reasoning, content, source)),
    ...(toolCalls.length === 0
      ? {}
      : {
          tool_calls: toolCalls.map((call) => ({
            id: call.id,
            type: 'function',
            function: {
              name: call.name,
              arguments: joinsArguments ? textArguments(call.argumentsJson) : objectArguments(call.argumentsJson),
            },
          })),
        }),
  }
}

/** GPT-OSS's template refuses a message that has both thoughts and text. */
function thought(reasoning: string, content: string, source: string): Record<string, string> {
  if (/[\w)\]]\.thinking\b|\['thinking'\]/.test(source)) return content === '' ? { thinking: reasoning } : {}
  return { reasoning_content: reasoning, reasoning }
}

const textArguments = (json: string): string => (json.trim() === '' || json.trim() === 'null' ? '{}' : json)

/** Templates iterate over the names of arguments, so any other value is wrapped in an object. */
function objectArguments(json: string): unknown {
  try {
    const value = parseJsonValue(json)
    if (value instanceof Map) return value
    return value === null ? {} : { raw: value }
  } catch {
    return json.trim() === '' ? {} : { raw: json } // the output of a model is not always valid JSON
  }
}
