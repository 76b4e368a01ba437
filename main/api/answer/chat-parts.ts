import type { InferenceRequest } from '../../shared/inference/inference.ts'
import type { AnswerDemand } from './answer-demand.ts'
import { meetDemand } from './meet-demand.ts'
import { strictCalls } from './strict-calls.ts'
import type { RunningRequest } from './running-requests.ts'
import type { ChatPart, SplitOptions } from './split-output.ts'
import { splitOutput } from './split-output.ts'

export interface ChatPartsOptions extends Pick<SplitOptions, 'parallelToolCalls' | 'newId'> {
  /** null: any answer will do. */
  readonly demand: AnswerDemand | null
  /** Tools whose calls have to fit their schema. */
  readonly strict?: readonly string[]
  /** Calls are told while they are written; otherwise each is whole. What is demanded is whole in any case. */
  readonly tellsCalls: boolean
  /** The beginning that the client gave is part of the answer. */
  readonly tellsStart?: boolean
}

/** The parts of one chat, its output told apart by the tools that its prompt names. */
export function chatParts(
  running: RunningRequest,
  request: InferenceRequest,
  { demand, strict = [], tellsCalls, tellsStart = false, ...options }: ChatPartsOptions,
  signal: AbortSignal,
): AsyncIterable<ChatPart> {
  const run = (asked: InferenceRequest): AsyncIterable<ChatPart> => {
    const { prompt } = asked
    const isChat = prompt.kind === 'messages'
    const start = isChat ? (prompt.answerStart ?? null) : null
    return splitOutput(running.infer(asked, signal), {
      ...options,
      tools: isChat ? prompt.tools : [],
      start,
      tellsStart: tellsStart || demand !== null,
      tellsCalls: tellsCalls && demand === null && strict.length === 0,
    })
  }
  const attempts = { run, end: (requestId: string) => running.endOne(requestId) }
  if (demand !== null) return meetDemand(request, demand, attempts)
  return strict.length > 0 ? strictCalls(request, strict, attempts) : run(request)
}
