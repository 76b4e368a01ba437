import { z } from 'zod'
import { apiFailure } from '../../main/shared/api-failure.ts'
import { AppError } from '../../main/shared/app-error.ts'
import { readDataEvents } from '../../main/shared/formats/read-data-events.ts'
import { ErrorBody, type WireFinishReason, type WireUsage } from '../../main/shared/wire/api/openai.ts'
import { TrifurcatedEvent } from '../../main/shared/wire/api/trifurcated.ts'
import type { ApiClient } from './api-client.ts'
import { decodeTexts } from './decode-texts.ts'
import type { StreamedChatPart, ChatRequest } from './stream-chat.ts'

const StreamEvent = z.union([TrifurcatedEvent, ErrorBody])

/**
 * Asks three models at once: one answers, one drafts, and one judges the answer.
 *
 * @throws AppError of the API, also when the answer breaks off; the reason of `signal` when it is aborted
 */
export async function* streamTrifurcated(api: ApiClient, request: ChatRequest, signal: AbortSignal): AsyncGenerator<StreamedChatPart> {
  const body = await api.stream('/v1/trifurcated', { ...request, stream: true }, signal)
  let finishReason: WireFinishReason | null = null
  let usage: WireUsage | null = null
  for await (const data of readDataEvents(decodeTexts(body))) {
    const event = StreamEvent.parse(JSON.parse(data))
    if ('error' in event && !('type' in event)) throw apiFailure(event.error.code, event.error.message)
    if (!('type' in event)) continue
    if (event.type === 'group') yield { type: 'group', role: event.role, model: event.model, nodeIds: event.nodes, notice: event.notice }
    else if (event.type === 'verdict') yield { type: 'verdict', verdict: event.verdict, reason: event.reason }
    else if (event.type === 'delta' && event.role === 'main') yield { type: 'delta', content: event.text, reasoning: event.reasoning ?? '' }
    else if (event.type === 'delta' && event.role === 'speculative') yield { type: 'draft', content: event.text }
    else if (event.type === 'end' && event.role === 'main') {
      finishReason = event.finish_reason
      usage = event.usage
      if (event.error !== null) throw new AppError('stream-failed', event.error)
    }
  }
  if (finishReason === null) throw new AppError('stream-broke-off', 'The node closed the connection before the answer was complete.')
  yield { type: 'end', finishReason, usage, timings: null }
}
