import { sumGf3 } from '../../domain/generation/sum-gf3.ts'
import { AppError } from '../../shared/app-error.ts'
import {
  TRIT_OF_ROLE,
  type TrifurcatedAnswer,
  type TrifurcatedEvent,
  type TrifurcatedGroup,
  type TrifurcatedRole,
  type Verdict,
} from '../../shared/wire/api/trifurcated.ts'
import { type AnswerIdentity, identityFields } from '../openai/answer-identity.ts'
import type { RoleEvent } from './run-trifurcated.ts'

export interface TrifurcatedAnswerOptions extends AnswerIdentity {
  /** The seed of the whole request. */
  readonly seed: string
  /** In the order validator, main, speculative. */
  readonly groups: readonly TrifurcatedGroup[]
}

type End = Extract<RoleEvent, { type: 'end' }>

/**
 * The events of a request, with the groups before them and the whole answer after. Nothing is sent before the engine
 * starts, so that an earlier failure can still be an HTTP status.
 */
export async function* withAnswer(events: AsyncIterable<RoleEvent>, options: TrifurcatedAnswerOptions): AsyncGenerator<TrifurcatedEvent> {
  const texts: Record<TrifurcatedRole, string> = { validator: '', main: '', speculative: '' }
  const ends = new Map<TrifurcatedRole, End>()
  let validated: Verdict = { verdict: 'unknown', reason: 'The validator gave no verdict.' }
  let hasBegun = false
  for await (const event of events) {
    if (!hasBegun) for (const group of options.groups) yield { type: 'group', ...group }
    hasBegun = true
    if (event.type === 'delta') texts[event.role] += event.text
    if (event.type === 'end') ends.set(event.role, event)
    if (event.type === 'verdict') validated = { verdict: event.verdict, reason: event.reason }
    yield event
  }
  const { seed, groups } = options
  const trits = groups.map(({ trit }) => trit)
  if (sumGf3(trits) !== 0) throw new AppError('internal', 'A trifurcated inference needs three groups.', { trits })
  const model = groups.find(({ role }) => role === 'main')?.model ?? ''
  const detailsOf = (role: TrifurcatedRole): TrifurcatedAnswer['details'][TrifurcatedRole] => {
    const end = ends.get(role)
    if (!end) throw new AppError('instance-failed', 'The answer ended early.', { role })
    return { finish_reason: end.finish_reason, seed: end.seed, usage: end.usage, error: end.error }
  }
  const answer: TrifurcatedAnswer = {
    ...identityFields(options, model),
    object: 'trifurcated',
    validated,
    response: texts.main,
    speculative: ends.get('speculative')?.error === null ? texts.speculative : null,
    groups: [...groups],
    trit_sum: 0,
    seed,
    details: { validator: detailsOf('validator'), main: detailsOf('main'), speculative: detailsOf('speculative') },
  }
  yield { type: 'answer', role: 'main', trit: TRIT_OF_ROLE.main, answer }
}

/** Collects the whole answer. */
export async function collectTrifurcated(events: AsyncIterable<TrifurcatedEvent>): Promise<TrifurcatedAnswer> {
  for await (const event of events) if (event.type === 'answer') return event.answer
  throw new AppError('instance-failed', 'The answer ended early.')
}
