import { errorCode, errorMessage } from '../../shared/app-error.ts'
import type { InferenceRequest } from '../../shared/inference/inference.ts'
import { ApiError } from '../api-error.ts'
import type { AnswerDemand } from '../form/answer-demand.ts'
import { meetDemand } from './meet-demand.ts'
import { strictCalls } from './strict-calls.ts'
import type { RunningRequest } from './running-requests.ts'
import type { ChatPart, SplitOptions } from './split-output.ts'
import { splitOutput } from './split-output.ts'

export interface ChatPartsOptions extends Pick<SplitOptions, 'parallelToolCalls' | 'newId'> {
  /** null: any answer is accepted. */
  readonly demand: AnswerDemand | null
  /** Tools whose calls must match their schema. */
  readonly strict?: readonly string[]
  /** Calls are streamed while they are written where their form is certain; otherwise each is sent complete. */
  readonly tellsCalls: boolean
  /** The client reads the answer while it is generated. */
  readonly isStreamed?: boolean
  /** The start of the answer that the client gave is included in the answer. */
  readonly tellsStart?: boolean
}

/** The parts of one chat. The output is parsed for calls of the tools that the prompt names. */
export function chatParts(
  running: RunningRequest,
  request: InferenceRequest,
  { demand, strict = [], tellsCalls, isStreamed = tellsCalls, tellsStart = false, ...options }: ChatPartsOptions,
  signal: AbortSignal,
): AsyncIterable<ChatPart> {
  const run = (asked: InferenceRequest, mayTellCalls: boolean): AsyncIterable<ChatPart> => {
    const { prompt } = asked
    const isChat = prompt.kind === 'messages'
    const start = isChat ? (prompt.answerStart ?? null) : null
    return splitOutput(running.infer(asked, signal), {
      ...options,
      tools: isChat ? prompt.tools : [],
      start,
      tellsStart: tellsStart || demand !== null,
      tellsCalls: mayTellCalls,
    })
  }
  const attempts = { run, end: (requestId: string) => running.endOne(requestId) }
  const manner = { isParallel: options.parallelToolCalls, isStreamed, tellsCalls }
  if (demand?.kind === 'grammar') return grammarText(run({ ...request, grammar: demand.grammar }, tellsCalls), demand.param)
  if (demand !== null) return meetDemand(request, demand, attempts, manner)
  return strict.length > 0 ? strictCalls(request, strict, attempts, manner) : run(request, tellsCalls)
}

/** A text that only the engine can check. @throws ApiError 400 with the reason of the engine that refuses the grammar */
async function* grammarText(parts: AsyncIterable<ChatPart>, param: string): AsyncGenerator<ChatPart> {
  try {
    yield* parts
  } catch (error) {
    if (errorCode(error) !== 'grammar-unsupported') throw error
    throw new ApiError(400, 'invalid_value', `'${param}' cannot be enforced: ${errorMessage(error)}`, { param })
  }
}
