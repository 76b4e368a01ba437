import { parseVerdict } from '../../domain/generation/parse-verdict.ts'
import { pending } from '../../platform/waiting/pending.ts'
import { AppError, errorMessage } from '../../shared/app-error.ts'
import type { InferenceRequest } from '../../shared/inference/inference.ts'
import { TRIT_OF_ROLE, type TrifurcatedEvent, type TrifurcatedRole } from '../../shared/wire/api/trifurcated.ts'
import { chatParts } from '../answer/chat-parts.ts'
import { mergeBounded } from '../answer/merge-bounded.ts'
import type { RunningRequest } from '../answer/running-requests.ts'
import { textOf } from '../answer/split-output.ts'
import { toApiError } from '../to-api-error.ts'
import { toWireUsage } from '../answer/usage.ts'
import type { TrifurcatedInferences } from './trifurcated-request.ts'

export type RoleEvent = Exclude<TrifurcatedEvent, { type: 'group' | 'answer' }>

const tags = <Role extends TrifurcatedRole>(role: Role): { role: Role; trit: (typeof TRIT_OF_ROLE)[Role] } => ({
  role,
  trit: TRIT_OF_ROLE[role],
})

/**
 * Runs the three inferences of a request and yields their events as they arrive. The main and speculative models answer
 * at the same time; the validator reads the main answer once it is complete. A failure of the main role is thrown; a
 * failure of another role becomes its `end`.
 */
export function runTrifurcated(
  running: RunningRequest,
  inferences: TrifurcatedInferences,
  newId: () => string,
  signal: AbortSignal,
): AsyncGenerator<RoleEvent, void, undefined> {
  /** null: the main model failed. */
  const mainText = pending<string | null>()

  async function* answer(role: TrifurcatedRole, request: InferenceRequest): AsyncGenerator<RoleEvent, string> {
    let text = ''
    let finishReason: Extract<RoleEvent, { type: 'end' }>['finish_reason'] = null
    for await (const part of chatParts(running, request, { parallelToolCalls: true, newId, demand: null, tellsCalls: false }, signal)) {
      if (part.type === 'output-delta') {
        const content = textOf(part.pieces, 'content')
        const reasoning = textOf(part.pieces, 'reasoning')
        text += content
        if (content !== '' || reasoning !== '')
          yield { type: 'delta', ...tags(role), text: content, ...(reasoning === '' ? {} : { reasoning }) }
      }
      if (part.type === 'output-end') finishReason = part.finishReason === 'tool-calls' ? 'stop' : part.finishReason
      if (part.type === 'inference-end') {
        yield { type: 'end', ...tags(role), finish_reason: finishReason, seed: request.seed ?? '', usage: toWireUsage([part]), error: null }
        return text
      }
    }
    throw new AppError('instance-failed', 'The answer ended early.')
  }

  async function* runMain(): AsyncGenerator<RoleEvent> {
    try {
      mainText.resolve(yield* answer('main', inferences.main))
    } finally {
      mainText.resolve(null)
    }
  }

  /** @returns the text, or the error with which the role failed, which is reported to the client */
  async function* orFailed(role: TrifurcatedRole, request: InferenceRequest): AsyncGenerator<RoleEvent, string | Error> {
    try {
      return yield* answer(role, request)
    } catch (error) {
      signal.throwIfAborted()
      const { message } = toApiError(error)
      yield { type: 'end', ...tags(role), finish_reason: null, seed: request.seed ?? '', usage: null, error: message }
      return new Error(message, { cause: error })
    }
  }

  async function* runSpeculative(): AsyncGenerator<RoleEvent> {
    yield* orFailed('speculative', inferences.speculative)
  }

  async function* runValidator(): AsyncGenerator<RoleEvent> {
    const text = await mainText.promise
    if (text === null) return
    const said = yield* orFailed('validator', inferences.validator(text))
    const verdict =
      said instanceof Error ? { verdict: 'unknown' as const, reason: `The validator failed: ${errorMessage(said)}` } : parseVerdict(said)
    yield { type: 'verdict', ...tags('validator'), ...verdict }
  }

  const sources: readonly (() => AsyncIterable<RoleEvent>)[] = [runSpeculative, runMain, runValidator]
  return mergeBounded(sources, sources.length)
}
