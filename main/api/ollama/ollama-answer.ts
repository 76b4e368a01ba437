import { AppError } from '../../shared/app-error.ts'
import type { TextToken } from '../../shared/inference/inference.ts'
import type {
  OllamaAnswerMessage,
  OllamaChatAnswer,
  OllamaGenerateAnswer,
  OllamaLogprob,
  OllamaStatistics,
} from '../../shared/wire/api/ollama.ts'
import type { ChatPart, OutputPiece } from '../answer/split-output.ts'
import { textOf } from '../answer/split-output.ts'

type InferenceEnd = Extract<ChatPart, { type: 'inference-end' }>
type OutputEnd = Extract<ChatPart, { type: 'output-end' }>

/** The content that a line of a streamed answer adds, before it is put in the format of its route. */
export interface OllamaStep {
  readonly pieces: readonly OutputPiece[]
  readonly tokens: readonly TextToken[]
  /** Number of calls before this step. */
  readonly callsBefore: number
  /** Set on the last step. */
  readonly done: ({ readonly done_reason: 'stop' | 'length' | 'cancelled' } & OllamaStatistics) | null
  /** Set on the last step: all tokens of prompt and answer. */
  readonly context: readonly number[]
}

const nanoseconds = (ms: number): number => Math.round(ms * 1e6)

function toStatistics({ usage, timings }: InferenceEnd): OllamaStatistics {
  const durationMs = (tokens: number, tokensPerSecond: number): number => (tokensPerSecond > 0 ? (tokens / tokensPerSecond) * 1000 : 0)
  const prefillMs = durationMs(usage.promptTokens - usage.cachedTokens, timings.prefillTokensPerSecond)
  return {
    total_duration: nanoseconds(timings.totalMs),
    // The time until the prompt was processed: loading, if the model was not loaded yet.
    load_duration: nanoseconds(Math.max(0, timings.ttftMs - timings.queueMs - prefillMs)),
    prompt_eval_count: usage.promptTokens,
    prompt_eval_duration: nanoseconds(prefillMs),
    eval_count: usage.completionTokens,
    eval_duration: nanoseconds(durationMs(usage.completionTokens, timings.decodeTokensPerSecond)),
  }
}

/** The steps of an answer. The last one has statistics and no text. */
export async function* toOllamaSteps(parts: AsyncIterable<ChatPart>): AsyncGenerator<OllamaStep> {
  let end: OutputEnd | null = null
  const context: number[] = []
  let callsBefore = 0
  for await (const part of parts) {
    if (part.type === 'accepted') for (const tokenId of part.promptTokenIds) context.push(tokenId)
    if (part.type === 'output-delta') {
      for (const { tokenId } of part.tokens) context.push(tokenId)
      const hasLogprobs = part.tokens.some(({ logprob }) => logprob !== null)
      if (part.pieces.length > 0 || hasLogprobs) yield { pieces: part.pieces, tokens: part.tokens, callsBefore, done: null, context: [] }
      callsBefore += part.pieces.filter(({ type }) => type === 'tool-call').length
    }
    if (part.type === 'output-end') end = part
    if (part.type === 'inference-end') {
      const finishReason = end?.finishReason ?? 'stop'
      return void (yield {
        pieces: [],
        tokens: [],
        callsBefore,
        context,
        done: { done_reason: finishReason === 'tool-calls' ? 'stop' : finishReason, ...toStatistics(part) },
      })
    }
  }
  throw new AppError('instance-failed', 'The answer ended early.')
}

/** Joins all steps into one. */
export async function joinSteps(steps: AsyncIterable<OllamaStep>): Promise<OllamaStep> {
  const pieces: OutputPiece[] = []
  const tokens: TextToken[] = []
  let last: Pick<OllamaStep, 'done' | 'context'> = { done: null, context: [] }
  for await (const step of steps) {
    pieces.push(...step.pieces)
    tokens.push(...step.tokens)
    last = step
  }
  return { pieces, tokens, callsBefore: 0, done: last.done, context: last.context }
}

export interface OllamaAnswerIdentity {
  readonly model: string
  readonly nowMs: number
}

function toLogprobs(tokens: readonly TextToken[]): OllamaLogprob[] {
  return tokens.flatMap(({ text, logprob, bytes, topLogprobs }) => {
    if (logprob === null) return []
    const top = topLogprobs.map((other) => ({ token: other.text, logprob: other.logprob, bytes: [...other.bytes] }))
    return [{ token: text, logprob, bytes: [...bytes], ...(top.length > 0 ? { top_logprobs: top } : {}) }]
  })
}

function answerFields({ model, nowMs }: OllamaAnswerIdentity, { done, tokens }: OllamaStep) {
  const logprobs = toLogprobs(tokens)
  return { model, created_at: new Date(nowMs).toISOString(), done: done !== null, ...(logprobs.length > 0 ? { logprobs } : {}), ...done }
}

export function toChatAnswer(step: OllamaStep, identity: OllamaAnswerIdentity): OllamaChatAnswer {
  const thinking = textOf(step.pieces, 'reasoning')
  const calls = step.pieces
    .filter((piece) => piece.type === 'tool-call')
    .map(({ call }, index) => ({
      id: call.id,
      function: { index: step.callsBefore + index, name: call.name, arguments: JSON.parse(call.argumentsJson) as Record<string, unknown> },
    }))
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
  return {
    ...answerFields(identity, step),
    response: textOf(step.pieces, 'content'),
    ...(thinking === '' ? {} : { thinking }),
    ...(step.context.length > 0 ? { context: [...step.context] } : {}),
  }
}
