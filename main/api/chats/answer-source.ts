import type { Chat, StoredMessage } from '../../shared/chats/chat.ts'
import { toChatRequest } from '../../shared/chats/to-chat-request.ts'
import type { AnswerPart } from '../../shared/chats/take-part.ts'
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

type Services = Pick<ApiContext, 'newId' | 'trifurcation'>

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
    : fromOne(services, running, ChatCompletionRequest.parse(body), signal)
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
  }
}

async function* fromOne(services: Services, running: RunningRequest, body: ChatCompletionRequest, signal: AbortSignal): AnswerSource {
  const inference = toChatInference(body, `chatcmpl-${services.newId()}`)
  const options = { parallelToolCalls: true, newId: services.newId, demand: null, tellsCalls: false }
  let finishReason: Extract<AnswerPart, { type: 'end' }>['finishReason'] = null
  for await (const part of chatParts(running, inference, options, signal)) {
    if (part.type === 'prefill-progress') yield { type: 'prefill', doneTokens: part.doneTokens, totalTokens: part.totalTokens }
    if (part.type === 'output-delta') yield* delta(textOf(part.pieces, 'content'), textOf(part.pieces, 'reasoning'))
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
