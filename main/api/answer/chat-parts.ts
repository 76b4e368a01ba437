import type { InferencePart, InferenceRequest } from '../../shared/inference/inference.ts'
import type { AnswerDemand } from './answer-demand.ts'
import { meetDemand } from './meet-demand.ts'
import { strictCalls } from './strict-calls.ts'
import type { IndexedPart, RunningRequest } from './running-requests.ts'
import type { ChatPart, SplitOptions } from './split-output.ts'
import { splitOutput, withWholeCalls } from './split-output.ts'

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
    const parts = splitOutput(onlyPrompt(running.infer([asked], signal)), {
      ...options,
      tools: isChat ? prompt.tools : [],
      start,
      tellsStart: tellsStart || demand !== null,
    })
    return tellsCalls && demand === null && strict.length === 0 ? parts : withWholeCalls(parts)
  }
  const attempts = { run, end: (requestId: string) => running.endOne(requestId) }
  if (demand !== null) return meetDemand(request, demand, attempts)
  return strict.length > 0 ? strictCalls(request, strict, attempts) : run(request)
}

async function* onlyPrompt(parts: AsyncIterable<IndexedPart>): AsyncGenerator<InferencePart> {
  for await (const { part } of parts) yield part
}
