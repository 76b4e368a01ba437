import type { Chat, StoredMessage } from '../../shared/chats/chat.ts'
import { type ChatRequestBody, toChatRequest } from '../../shared/chats/to-chat-request.ts'
import type { AnswerPart } from '../../shared/chats/take-part.ts'
import { type ChatToolCall, functionNameOf, type McpTool } from '../../shared/chats/tool-call.ts'
import { ChatCompletionRequest } from '../../shared/wire/api/openai.ts'
import { TrifurcatedRequest } from '../../shared/wire/api/trifurcated.ts'
import { AppError } from '../../shared/app-error.ts'
import { chatParts } from '../answer/chat-parts.ts'
import type { RunningRequest } from '../answer/running-requests.ts'
import { textOf } from '../answer/split-output.ts'
import type { InferenceSummary } from '../answer/usage.ts'
import { toWireTimings, toWireUsage } from '../answer/usage.ts'
import type { ApiContext } from '../api-server.ts'
import { toChatInference } from '../openai/chat-request.ts'
import { runTrifurcated } from '../trifurcated/run-trifurcated.ts'
import { toConversation, toTrifurcatedInferences } from '../trifurcated/trifurcated-request.ts'
import type { AnswerSource } from './chat-answers.ts'

type Services = Pick<ApiContext, 'newId' | 'trifurcation' | 'mcp'>

/**
 * The parts of an answer to the last message of `path`, or of its continuation if that is an answer.
 *
 * @param settings - those of the chat
 */
export function answerSource(
  services: Services,
  running: RunningRequest,
  path: readonly StoredMessage[],
  { settings }: Pick<Chat, 'settings'>,
  modelId: string,
  signal: AbortSignal,
): AnswerSource {
  const body = toChatRequest(path, settings, modelId)
  const isContinued = path.at(-1)?.role === 'assistant'
  return settings.isTrifurcated && !isContinued
    ? fromThree(services, running, TrifurcatedRequest.parse(body), signal)
    : fromOne(services, running, body, settings.toolServers, signal)
}

const toWireTool = (tool: McpTool & { readonly server: string }): unknown => ({
  type: 'function',
  function: { name: functionNameOf({ server: tool.server, tool: tool.name }), description: tool.description, parameters: tool.parameters },
})

/** A call of a tool that no server has fails at once, and the model reads why. */
function toChatCall(
  { id, name, argumentsJson }: { readonly id: string; readonly name: string; readonly argumentsJson: string },
  tools: readonly (McpTool & { readonly server: string })[],
): ChatToolCall {
  const tool = tools.find((other) => functionNameOf({ server: other.server, tool: other.name }) === name)
  return tool
    ? { id, server: tool.server, tool: tool.name, argumentsJson, state: 'asking', result: '' }
    : { id, server: '', tool: name.slice(0, 256), argumentsJson, state: 'failed', result: `There is no tool '${name}'.` }
}

const toStats = (summary: InferenceSummary): StoredMessage['stats'] => {
  const usage = toWireUsage([summary])
  const timings = toWireTimings([summary])
  return {
    promptTokens: usage.prompt_tokens,
    completionTokens: usage.completion_tokens,
    ttftMs: timings.ttft_ms,
    decodeTokensPerSecond: timings.decode_tokens_per_second,
    totalMs: timings.total_ms,
    queueMs: timings.queue_ms,
    prefillTokensPerSecond: timings.prefill_tokens_per_second,
  }
}

async function* fromOne(
  services: Services,
  running: RunningRequest,
  body: ChatRequestBody,
  toolServers: readonly string[],
  signal: AbortSignal,
): AnswerSource {
  const tools = await services.mcp.toolsOf(toolServers)
  const request = ChatCompletionRequest.parse(tools.length === 0 ? body : { ...body, tools: tools.map(toWireTool) })
  const inference = toChatInference(request, `chatcmpl-${services.newId()}`)
  const options = { parallelToolCalls: true, newId: services.newId, demand: null, tellsCalls: false }
  let finishReason: Extract<AnswerPart, { type: 'end' }>['finishReason'] = null
  for await (const part of chatParts(running, inference, options, signal)) {
    if (part.type === 'prefill-progress') yield { type: 'prefill', doneTokens: part.doneTokens, totalTokens: part.totalTokens }
    if (part.type === 'output-delta') yield* delta(textOf(part.pieces, 'content'), textOf(part.pieces, 'reasoning'))
    if (part.type === 'output-delta')
      for (const piece of part.pieces) if (piece.type === 'tool-call') yield { type: 'call', call: toChatCall(piece.call, tools) }
    if (part.type === 'output-end') finishReason = part.finishReason === 'tool-calls' ? 'tool_calls' : part.finishReason
    if (part.type === 'inference-end') yield { type: 'end', finishReason, stats: toStats(part) }
  }
}

async function* fromThree(services: Services, running: RunningRequest, body: TrifurcatedRequest, signal: AbortSignal): AnswerSource {
  const conversation = toConversation(body, `trifurcated-${services.newId()}`)
  const seed = conversation.seed ?? services.trifurcation.drawSeed()
  const models = { main: body.model, validator: body.validator_model ?? null, speculative: body.speculative_model ?? null }
  const groups = await services.trifurcation.assignGroups(models, signal)
  for (const { role, model, nodes, notice } of groups) yield { type: 'group', group: { role, model, nodeIds: [...nodes], notice } }
  let end: AnswerPart | null = null
  for await (const event of runTrifurcated(running, toTrifurcatedInferences(conversation, groups, seed), services.newId, signal)) {
    if (event.type === 'verdict') yield { type: 'verdict', verdict: { verdict: event.verdict, reason: event.reason } }
    else if (event.type === 'delta' && event.role === 'main') yield* delta(event.text, event.reasoning ?? '')
    else if (event.type === 'delta' && event.role === 'speculative') yield { type: 'draft', content: event.text }
    else if (event.type === 'end' && event.role === 'main') {
      if (event.error !== null) throw new AppError('instance-failed', event.error)
      // Its timings are unknown: three models shared the time.
      end = { type: 'end', finishReason: event.finish_reason, stats: null }
    }
  }
  if (end) yield end
}

function* delta(content: string, reasoning: string): Generator<AnswerPart> {
  if (content !== '' || reasoning !== '') yield { type: 'delta', content, reasoning }
}
