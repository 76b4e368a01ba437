import type { InferencePart, InferenceRequest } from '../../shared/inference/inference.ts'
import type { AnswerDemand } from './answer-demand.ts'
import { meetDemand } from './meet-demand.ts'
import type { IndexedPart, RunningRequest } from './running-requests.ts'
import type { ChatPart, SplitOptions } from './split-output.ts'
import { splitOutput, withWholeCalls } from './split-output.ts'

export interface ChatPartsOptions extends Pick<SplitOptions, 'parallelToolCalls' | 'newId'> {
  /** null: any answer will do. */
  readonly demand: AnswerDemand | null
  /** Calls are told while they are written; otherwise each is whole. What is demanded is whole in any case. */
  readonly tellsCalls: boolean
}

/** The parts of one chat, its output told apart by the tools that its prompt names. */
export function chatParts(
  running: RunningRequest,
  request: InferenceRequest,
  { demand, tellsCalls, ...options }: ChatPartsOptions,
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
      tellsStart: demand !== null,
    })
    return tellsCalls && demand === null ? parts : withWholeCalls(parts)
  }
  return demand === null ? run(request) : meetDemand(request, demand, { run, end: (requestId) => running.endOne(requestId) })
}

async function* onlyPrompt(parts: AsyncIterable<IndexedPart>): AsyncGenerator<InferencePart> {
  for await (const { part } of parts) yield part
}
