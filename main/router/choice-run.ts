import { finishOf } from '../domain/generation/finish-generation.ts'
import type { EngineStay } from '../domain/generation/measure-inference.ts'
import { errorCode } from '../shared/app-error.ts'
import type { Draft, GenerationSpec, Pooling, SampledToken } from '../shared/inference/generation.ts'
import type { TokenGrammar } from '../shared/inference/grammar.ts'
import type { GenerationId } from '../shared/ids.ts'
import type { FinishReason, InferencePart } from '../shared/inference/inference.ts'
import type { ChoiceText } from './choice-text.ts'
import type { InstanceHandle } from './router-ports.ts'

/** Failures of a choice in a row, without a token in between. */
export interface Failures {
  readonly inRow: number
  /** Those in which the model failed; otherwise it was not there yet. */
  readonly ofModel: number
  /** When the first of them occurred, in milliseconds of the request's clock. */
  readonly sinceMs: number
}

/** The parts of the request that a choice needs. */
export interface ChoiceSurroundings {
  /** A new id for each submission to the engine, unique across all choices. */
  newGenerationId(): GenerationId
  readonly emit: (part: InferencePart) => void
  /** Called for any event of the engine. */
  onEngineEvent(): void
  onToken(): void
  onStay(stay: EngineStay): void
  /** The client has fallen too far behind, so the choice must leave the engine. */
  isClientBehind(): boolean
  /** Resolves when the client has caught up. */
  clientCatchesUp(): Promise<void>
  onPromptLogprobs(tokens: readonly SampledToken[]): void
  now(): number
  /** The instance to continue with; throws if there is none. */
  renew(failed: InstanceHandle, error: unknown, failures: Failures): Promise<InstanceHandle>
  /** Aborts when the request must end; the choice then leaves the engine. */
  readonly signal: AbortSignal
  /** Throws if the request failed or has no reader, as opposed to a choice that ends as cancelled. */
  throwIfFailed(): void
}

export interface ChoiceOptions {
  readonly choiceIndex: number
  readonly promptTokenIds: readonly number[]
  readonly maxTokens: number
  readonly stopTokenIds: readonly number[]
  readonly sampling: GenerationSpec['sampling']
  readonly topLogprobs: number | null
  readonly promptLogprobs: boolean
  /** The pooling of the requested embedding; null: none is requested. */
  readonly pooling: Pooling | null
  readonly secondTokens?: number
  readonly scoredTokenIds?: readonly number[]
  readonly draft: Draft | null
  /** null: the answer is free. */
  readonly grammar: TokenGrammar | null
}

type Ending = { readonly finishReason: FinishReason; readonly stopString: string | null }

/**
 * Runs one choice to its end. It may be submitted to the engine several times: after a failure, or after a pause for a
 * slow client, the prompt and the tokens so far are submitted again, which continues the same text.
 */
export async function runChoice(
  options: ChoiceOptions,
  text: ChoiceText,
  firstHandle: InstanceHandle,
  surroundings: ChoiceSurroundings,
): Promise<FinishReason> {
  const { choiceIndex, maxTokens, stopTokenIds } = options
  const { signal, emit } = surroundings
  let handle = firstHandle
  let needsPromptLogprobs = options.promptLogprobs
  let needsEmbedding = options.pooling !== null
  let ending: Ending | null = null
  let failures: Failures = { inRow: 0, ofModel: 0, sinceMs: 0 }

  const end = (next: Ending): void => {
    if (ending) return
    ending = next
    const rest = next.stopString === null ? text.flush() : null
    if (rest) emit(rest)
    emit({ type: 'choice-end', choiceIndex, ...next, completionTokens: text.tokenIds.length })
  }

  const stay = async (): Promise<void> => {
    const leave = new AbortController()
    const leaveEngine = (): void => leave.abort()
    signal.addEventListener('abort', leaveEngine, { once: true })
    const spec = nextGeneration(options, text.tokenIds, needsPromptLogprobs, surroundings.newGenerationId())
    const tokensBefore = text.tokenIds.length
    try {
      for await (const part of handle.generate(spec, leave.signal)) {
        surroundings.onEngineEvent()
        switch (part.type) {
          case 'prefill-progress':
            if (choiceIndex === 0 && tokensBefore === 0)
              emit({ type: 'prefill-progress', doneTokens: part.doneTokens, totalTokens: part.totalTokens })
            break
          case 'prompt-logprobs':
            needsPromptLogprobs = false
            surroundings.onPromptLogprobs(part.tokens)
            break
          case 'embedding':
            needsEmbedding = false
            emit({ type: 'embedding', vector: part.vector })
            break
          case 'token-delta': {
            if (ending) break // sampled before the engine received the stop
            failures = { inRow: 0, ofModel: 0, sinceMs: 0 }
            const { delta, stopString } = text.push(part.token)
            surroundings.onToken()
            emit(delta)
            if (stopString !== null) {
              end({ finishReason: 'stop', stopString })
              leaveEngine()
            } else if (surroundings.isClientBehind()) leaveEngine()
            break
          }
          case 'generation-end':
            surroundings.onStay({
              choiceIndex,
              sampledTokens: text.tokenIds.length - tokensBefore,
              promptTokens: spec.promptTokenIds.length,
              timings: part.timings,
            })
            // Cancelled elsewhere: a new submission would only be cancelled again.
            if (part.finishReason !== 'cancelled' || !leave.signal.aborted) end({ finishReason: part.finishReason, stopString: null })
        }
      }
    } finally {
      signal.removeEventListener('abort', leaveEngine)
    }
  }

  if (signal.aborted) surroundings.throwIfFailed()
  while (!ending) {
    const finished = needsPromptLogprobs || needsEmbedding ? null : finishOf({ tokenIds: text.tokenIds, maxTokens, stopTokenIds })
    if (finished !== null || signal.aborted) {
      end({ finishReason: finished ?? 'cancelled', stopString: null })
      break
    }
    try {
      await stay()
    } catch (error) {
      surroundings.throwIfFailed()
      if (ending) break
      if (signal.aborted) continue
      if (failures.inRow === 0) failures = { ...failures, sinceMs: surroundings.now() }
      handle = await surroundings.renew(handle, error, failures)
      failures = {
        ...failures,
        inRow: failures.inRow + 1,
        ofModel: failures.ofModel + (errorCode(error) === 'instance-recovering' ? 0 : 1),
      }
    }
    surroundings.throwIfFailed()
    if (!ending && !signal.aborted) await surroundings.clientCatchesUp()
  }
  return (ending as Ending | null)?.finishReason ?? 'cancelled'
}

function nextGeneration(
  options: ChoiceOptions,
  tokenIds: readonly number[],
  promptLogprobs: boolean,
  generationId: GenerationId,
): GenerationSpec {
  return {
    generationId,
    promptTokenIds: [...options.promptTokenIds, ...tokenIds],
    resumedTokens: tokenIds.length,
    maxTokens: options.maxTokens - tokenIds.length,
    stopTokenIds: [...options.stopTokenIds],
    sampling: options.sampling,
    topLogprobs: options.topLogprobs,
    promptLogprobs,
    ...(options.pooling === null ? {} : { pooling: options.pooling }),
    ...(options.secondTokens === undefined ? {} : { secondTokens: options.secondTokens }),
    ...(options.scoredTokenIds === undefined ? {} : { scoredTokenIds: [...options.scoredTokenIds] }),
    ...(options.draft ? { draft: options.draft } : {}),
    ...(options.grammar ? { grammar: options.grammar } : {}),
  }
}
