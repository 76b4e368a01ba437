import { AppError } from '../../shared/app-error.ts'
import type { OllamaAnswerMessage, OllamaChatAnswer, OllamaGenerateAnswer, OllamaStatistics } from '../../shared/wire/ollama.ts'
import type { ChatPart, OutputPiece } from '../split-output.ts'
import { textOf } from '../split-output.ts'

type InferenceEnd = Extract<ChatPart, { type: 'inference-end' }>
type OutputEnd = Extract<ChatPart, { type: 'output-end' }>

/** What a line of a streamed answer adds, before it has the shape of its route. */
export interface OllamaStep {
  readonly pieces: readonly OutputPiece[]
  /** Set on the last. */
  readonly done: ({ readonly done_reason: 'stop' | 'length' | 'cancelled' } & OllamaStatistics) | null
}

const nanoseconds = (ms: number): number => Math.round(ms * 1e6)

function toStatistics({ usage, timings }: InferenceEnd): OllamaStatistics {
  const durationMs = (tokens: number, tokensPerSecond: number): number => (tokensPerSecond > 0 ? (tokens / tokensPerSecond) * 1000 : 0)
  const prefillMs = durationMs(usage.promptTokens - usage.cachedTokens, timings.prefillTokensPerSecond)
  return {
    total_duration: nanoseconds(timings.totalMs),
    // Until the prompt was taken up: loading, if the model was not there yet.
    load_duration: nanoseconds(Math.max(0, timings.ttftMs - timings.queueMs - prefillMs)),
    prompt_eval_count: usage.promptTokens,
    prompt_eval_duration: nanoseconds(prefillMs),
    eval_count: usage.completionTokens,
    eval_duration: nanoseconds(durationMs(usage.completionTokens, timings.decodeTokensPerSecond)),
  }
}

/** The steps of an answer; the last one, with statistics, says nothing. */
export async function* toOllamaSteps(parts: AsyncIterable<ChatPart>): AsyncGenerator<OllamaStep> {
  let end: OutputEnd | null = null
  for await (const part of parts) {
    if (part.type === 'output-delta' && part.pieces.length > 0) yield { pieces: part.pieces, done: null }
    if (part.type === 'output-end') end = part
    if (part.type === 'inference-end') {
      const finishReason = end?.finishReason ?? 'stop'
      return void (yield { pieces: [], done: { done_reason: finishReason === 'tool-calls' ? 'stop' : finishReason, ...toStatistics(part) } })
    }
  }
  throw new AppError('instance-failed', 'The answer ended before it was whole.')
}

/** All steps as one. */
export async function joinSteps(steps: AsyncIterable<OllamaStep>): Promise<OllamaStep> {
  const pieces: OutputPiece[] = []
  let done: OllamaStep['done'] = null
  for await (const step of steps) {
    pieces.push(...step.pieces)
    done = step.done
  }
  return { pieces, done }
}

export interface OllamaAnswerIdentity {
  readonly model: string
  readonly nowMs: number
}

const answerFields = ({ model, nowMs }: OllamaAnswerIdentity, { done }: OllamaStep) => ({ model, created_at: new Date(nowMs).toISOString(), done: done !== null, ...done })

export function toChatAnswer(step: OllamaStep, identity: OllamaAnswerIdentity): OllamaChatAnswer {
  const thinking = textOf(step.pieces, 'reasoning')
  const calls = step.pieces.flatMap((piece) =>
    piece.type === 'tool-call' ? [{ function: { name: piece.call.name, arguments: JSON.parse(piece.call.argumentsJson) as Record<string, unknown> } }] : [],
  )
  const message: OllamaAnswerMessage = {
    role: 'assistant',
    content: textOf(step.pieces, 'content'),
    ...(thinking === '' ? {} : { thinking }),
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
  }
  return { ...answerFields(identity, step), message }
}

export function toGenerateAnswer(step: OllamaStep, identity: OllamaAnswerIdentity): OllamaGenerateAnswer {
  const thinking = textOf(step.pieces, 'reasoning')
  return { ...answerFields(identity, step), response: textOf(step.pieces, 'content'), ...(thinking === '' ? {} : { thinking }) }
}
