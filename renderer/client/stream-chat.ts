import { z } from 'zod'
import { apiFailure } from '../../main/shared/api-failure.ts'
import { AppError } from '../../main/shared/app-error.ts'
import { readDataEvents } from '../../main/shared/formats/read-data-events.ts'
import {
  ChatCompletionChunk,
  ErrorBody,
  type WireFinishReason,
  type WireTimings,
  type WireUsage,
} from '../../main/shared/wire/api/openai.ts'
import type { TrifurcatedRole, Verdict } from '../../main/shared/wire/api/trifurcated.ts'
import type { ApiClient } from './api-client.ts'
import { decodeTexts } from './decode-texts.ts'

/** The parts of a streamed answer: text as it arrives, then exactly one end. */
export type StreamedChatPart =
  | { readonly type: 'delta'; readonly content: string; readonly reasoning: string }
  /** Parts of a trifurcated answer: more of the draft, the placement of the three models, and the validator's verdict. */
  | { readonly type: 'draft'; readonly content: string }
  | {
      readonly type: 'group'
      readonly role: TrifurcatedRole
      readonly model: string
      readonly nodeIds: readonly string[]
      readonly notice: string | null
    }
  | { readonly type: 'verdict'; readonly verdict: Verdict['verdict']; readonly reason: string }
  | {
      readonly type: 'end'
      readonly finishReason: WireFinishReason | null
      readonly usage: WireUsage | null
      readonly timings: WireTimings | null
    }

export interface ChatRequest {
  readonly model: string
  readonly messages: readonly { readonly role: 'system' | 'user' | 'assistant'; readonly content: string }[]
  readonly [setting: string]: unknown
}

const StreamEvent = z.union([ChatCompletionChunk, ErrorBody])

/**
 * Requests an answer and yields it as it is generated.
 *
 * @throws AppError of the API, also when the answer breaks off; the reason of `signal` when it is aborted
 */
export async function* streamChat(api: ApiClient, request: ChatRequest, signal: AbortSignal): AsyncGenerator<StreamedChatPart> {
  const body = await api.stream('/v1/chat/completions', { ...request, stream: true, stream_options: { include_usage: true } }, signal)
  let finishReason: WireFinishReason | null = null
  let usage: WireUsage | null = null
  let timings: WireTimings | null = null
  for await (const data of readDataEvents(decodeTexts(body))) {
    const event = StreamEvent.parse(JSON.parse(data))
    if ('error' in event) throw apiFailure(event.error.code, event.error.message)
    const choice = event.choices[0]
    const { content = '', reasoning_content: reasoning = '' } = choice?.delta ?? {}
    if (content !== '' || reasoning !== '') yield { type: 'delta', content, reasoning }
    finishReason = choice?.finish_reason ?? finishReason
    usage = event.usage ?? usage
    timings = event.timings ?? timings
  }
  if (finishReason === null) throw new AppError('stream-broke-off', 'The node closed the connection before the answer was complete.')
  yield { type: 'end', finishReason, usage, timings }
}
