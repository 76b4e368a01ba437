import type { InferencePart, InferenceRequest } from '../shared/inference.ts'
import type { IndexedPart, RunningRequest } from './running-requests.ts'
import type { ChatPart, SplitOptions } from './split-output.ts'
import { splitOutput } from './split-output.ts'

/** The parts of one chat, its output told apart by the tools that its prompt names. */
export function chatParts(running: RunningRequest, request: InferenceRequest, options: Omit<SplitOptions, 'tools'>, signal: AbortSignal): AsyncIterable<ChatPart> {
  const tools = request.prompt.kind === 'messages' ? request.prompt.tools : []
  return splitOutput(onlyPrompt(running.infer([request], signal)), { ...options, tools })
}

async function* onlyPrompt(parts: AsyncIterable<IndexedPart>): AsyncGenerator<InferencePart> {
  for await (const { part } of parts) yield part
}
