import { allowTokens } from '../domain/generation/allow-tokens.ts'
import { deriveChoiceSeed } from '../domain/generation/derive-choice-seed.ts'
import { pending } from '../platform/waiting/pending.ts'
import { StreamQueue } from '../platform/waiting/stream-queue.ts'
import { withinTime } from '../platform/waiting/within-time.ts'
import { AppError, errorCode } from '../shared/app-error.ts'
import type { Draft, SampledToken } from '../shared/inference/generation.ts'
import { GenerationId } from '../shared/ids.ts'
import type { FinishReason, InferencePart, InferenceRequest } from '../shared/inference/inference.ts'
import { isUnloaded } from '../shared/inference/unloaded.ts'
import { createChoiceText } from './choice-text.ts'
import { type ChoiceSurroundings, runChoice } from './choice-run.ts'
import { draftOf } from './draft-of.ts'
import { toInferenceError } from './inference-error.ts'
import { InferenceRecorder } from './inference-recorder.ts'
import { InstanceLease } from './instance-lease.ts'
import { refuseEarly } from './refuse-early.ts'
import { refusePurpose } from './purpose/refuse-purpose.ts'
import { preparePrompt } from './prepare-prompt.ts'
import { samplingOf } from './sampling-of.ts'
import { poolingOf } from './purpose/pooling-of.ts'
import { type TokenLimits, tokenLimits } from './token-limits.ts'
import { withDefaults } from './with-defaults.ts'
import type { EncodedPrompt, InstanceHandle } from './router-ports.ts'
import type { RouterDependencies, RouterLimits } from './router.ts'
import { tokenGrammar } from './token-grammar.ts'
import { toTextToken } from './to-text-token.ts'

const WATCH_INTERVAL_MS = 1_000

const cancelledError = (): AppError => new AppError('cancelled', 'The request was cancelled.')

/** One request from its acceptance to its end. Its parts wait in `parts` for the client. */
export class InferenceRun {
  readonly parts = new StreamQueue<InferencePart>()
  readonly #request: InferenceRequest
  readonly #dependencies: RouterDependencies
  readonly #limits: RouterLimits
  /** Ends all work. `#failure` decides whether the choices end as cancelled or the request fails. */
  readonly #stop = new AbortController()
  #failure: AppError | null = null
  #isAccepted = false
  #isGenerating = false
  readonly #recorder: InferenceRecorder
  #engineHeardAtMs: number
  #clientReadAtMs: number

  constructor(request: InferenceRequest, dependencies: RouterDependencies, limits: RouterLimits) {
    this.#request = request
    this.#dependencies = dependencies
    this.#limits = limits
    this.#recorder = new InferenceRecorder(request, dependencies)
    this.#engineHeardAtMs = dependencies.clock.now()
    this.#clientReadAtMs = this.#engineHeardAtMs
  }

  /** Never rejects: a failure is passed to the reader of `parts`. */
  async run(): Promise<void> {
    const { clock } = this.#dependencies
    const watchEnd = new AbortController()
    clock.every(WATCH_INTERVAL_MS, () => this.#watch(), watchEnd.signal)
    try {
      const finishReasons = await this.#answer()
      this.parts.push({ type: 'inference-end', ...this.#recorder.end(finishReasons, null) })
      this.parts.end()
      await this.parts.whenAtMost(0, this.#stop.signal).catch(() => undefined)
    } catch (error) {
      this.fail(toInferenceError(error))
      this.#recorder.end(null, errorCode(this.#failure))
    } finally {
      watchEnd.abort()
    }
  }

  /** Ends choices as `cancelled`; before the first part, the request fails with `cancelled`. */
  cancel(): void {
    if (!this.#isAccepted) this.fail(cancelledError())
    else this.#stop.abort(cancelledError())
  }

  /** Called when the client has disconnected. */
  hangUp(): void {
    this.fail(cancelledError())
  }

  fail(error: AppError): void {
    this.#failure ??= error
    this.#stop.abort(this.#failure)
    this.parts.fail(this.#failure)
  }

  onClientRead(): void {
    this.#clientReadAtMs = this.#dependencies.clock.now()
  }

  async #answer(): Promise<readonly FinishReason[]> {
    const { models, instances, clock, random, log, resume } = this.#dependencies
    const { signal } = this.#stop
    const limits = this.#limits
    const found = await withinTime(
      (inTime) => models.resolve(this.#request.model, inTime),
      limits.ensureMs,
      () => this.#late('Looking up the model timed out.'),
      clock,
      signal,
    )
    const { modelId } = found
    this.#recorder.modelId = modelId
    refusePurpose(found, this.#request)
    await withinTime(
      (inTime) => refuseEarly(modelId, this.#request, instances, log.with({ requestId: this.#request.requestId }), inTime),
      limits.encodeMs,
      () => this.#late('The prompt took too long to tokenize. Shorten it.'),
      clock,
      signal,
    )
    const lease = new InstanceLease(modelId, {
      instances,
      preferred: this.#request.instanceId,
      contextTokens: this.#request.contextTokens,
      clock,
      random,
      log: log.with({ requestId: this.#request.requestId }),
      limits,
      resume: resume ?? null,
    })
    const giveUpAtMs = clock.now() + limits.recoveryWithinMs
    for (;;) {
      try {
        return await this.#answerBy(lease)
      } catch (error) {
        // Unloaded between two steps before the first token: it is loaded again.
        if (!isUnloaded(error) || this.#isAccepted || clock.now() >= giveUpAtMs) throw error
        await clock.sleep(limits.recoveryFirstDelayMs, signal)
      }
    }
  }

  async #answerBy(lease: InstanceLease): Promise<readonly FinishReason[]> {
    const { clock, random } = this.#dependencies
    const { signal } = this.#stop
    const limits = this.#limits
    const handle = await withinTime(
      (inTime) => lease.ensure(inTime),
      limits.ensureMs,
      () => this.#late('The model did not load in time.'),
      clock,
      signal,
    )
    this.#recorder.instanceId = handle.instanceId
    const request = withDefaults(this.#request, handle)
    const prompt = await withinTime(
      (inTime) => preparePrompt(request, handle, inTime),
      limits.encodeMs,
      () => this.#late('The prompt took too long to tokenize. Shorten it.'),
      clock,
      signal,
    )
    this.#recorder.promptTokens = prompt.tokenIds.length
    const maxTokens = allowTokens({
      promptTokens: prompt.tokenIds.length,
      contextTokens: handle.contextTokens,
      maxTokens: request.maxTokens,
    })
    const seed = this.#request.seed ?? random.seed()
    this.#recorder.seed = seed
    const limitsOfTokens = await withinTime(
      (inTime) => tokenLimits(request.tokenRules ?? {}, handle.tokenizer, inTime),
      limits.encodeMs,
      () => this.#late('The bad words took too long to tokenize. Send fewer.'),
      clock,
      signal,
    )
    return this.#generate(handle, lease, prompt, { maxTokens, seed, draft: await this.#draft(handle), tokenLimits: limitsOfTokens })
  }

  /** The draft that the request names, or else the instance's own. */
  async #draft({ modelId, draftModelId }: InstanceHandle): Promise<Draft | null> {
    const { models, drafts, clock } = this.#dependencies
    const { draftModel } = this.#request
    const late = (): AppError => this.#late('Looking up the draft model timed out.')
    return withinTime(
      async (inTime) => draftOf({ modelId, draftModelId, draftModel }, { models, drafts }, inTime),
      this.#limits.ensureMs,
      late,
      clock,
      this.#stop.signal,
    )
  }

  async #generate(
    handle: InstanceHandle,
    lease: InstanceLease,
    prompt: EncodedPrompt,
    {
      maxTokens,
      seed,
      draft,
      tokenLimits: limitsOfTokens,
    }: { readonly maxTokens: number; readonly seed: string; readonly draft: Draft | null; readonly tokenLimits: TokenLimits },
  ): Promise<readonly FinishReason[]> {
    const { tokenizer } = handle
    const request = this.#request
    const firstChoiceRuns = pending<void>()
    const grammar = tokenGrammar(request, prompt, tokenizer)
    let hasEmittedText = false

    const emit = (part: InferencePart): void => {
      if (!this.#isAccepted) {
        this.#isAccepted = true
        this.parts.push({ type: 'accepted', modelId: handle.modelId, promptTokenIds: prompt.tokenIds, promptText: prompt.text, seed })
      }
      if (part.type === 'prefill-progress' && hasEmittedText) return
      if (part.type === 'text-delta') hasEmittedText = true
      this.parts.push(part, weightOf(part))
    }
    const onPromptLogprobs = (tokens: readonly SampledToken[]): void => {
      emit({ type: 'prompt-tokens', tokens: tokens.map((token) => toTextToken(token, tokenizer)) })
      firstChoiceRuns.resolve()
    }
    const surroundings: ChoiceSurroundings = {
      newGenerationId: () => GenerationId.parse(this.#dependencies.random.id('generation')),
      emit,
      now: () => this.#dependencies.clock.now(),
      onEngineEvent: () => {
        this.#engineHeardAtMs = this.#dependencies.clock.now()
      },
      onToken: () => {
        this.#recorder.noteToken()
        firstChoiceRuns.resolve()
      },
      onStay: (stay) => this.#recorder.noteStay(stay),
      isClientBehind: () => this.parts.weight > this.#limits.pauseAtBufferedTokens,
      clientCatchesUp: async () => {
        if (this.parts.weight <= this.#limits.pauseAtBufferedTokens) return
        await this.parts.whenAtMost(this.#limits.goOnAtBufferedTokens, this.#stop.signal).catch(() => this.throwIfFailed())
        this.#engineHeardAtMs = this.#dependencies.clock.now()
      },
      onPromptLogprobs,
      renew: async (failed, error, failures) => {
        const renewed = await lease.renew(failed, error, failures, this.#stop.signal).catch((reason: unknown) => {
          this.throwIfFailed()
          if (this.#stop.signal.aborted) return failed // cancelled while it waited: the choice ends as cancelled
          throw reason
        })
        this.#recorder.noteResume()
        this.#engineHeardAtMs = this.#dependencies.clock.now()
        return renewed
      },
      signal: this.#stop.signal,
      throwIfFailed: () => this.throwIfFailed(),
    }

    const run = async (choiceIndex: number): Promise<FinishReason> => {
      // The other choices start once the prompt has been prefilled, so that it is prefilled only once.
      if (choiceIndex > 0) await firstChoiceRuns.promise
      const rules = request.tokenRules ?? {}
      const stopTokenIds = [...new Set([...(request.ignoreEos && !grammar ? [] : tokenizer.eosTokenIds), ...(rules.stopTokenIds ?? [])])]
      const text = createChoiceText(choiceIndex, tokenizer, { ...rules, stop: request.stop, stopTokenIds })
      const options = {
        choiceIndex,
        promptTokenIds: prompt.tokenIds,
        maxTokens,
        stopTokenIds,
        sampling: { ...samplingOf(request, handle.manner ?? {}, deriveChoiceSeed(seed, choiceIndex)), ...limitsOfTokens },
        topLogprobs: request.topLogprobs,
        promptLogprobs: request.promptLogprobs && choiceIndex === 0,
        pooling: poolingOf(request, handle),
        ...(prompt.secondTokens === undefined ? {} : { secondTokens: prompt.secondTokens }),
        ...(prompt.scoredTokenIds === undefined ? {} : { scoredTokenIds: prompt.scoredTokenIds }),
        draft,
        grammar,
      }
      try {
        return await runChoice(options, text, handle, surroundings)
      } catch (error) {
        this.fail(toInferenceError(error))
        throw error
      } finally {
        if (choiceIndex === 0) firstChoiceRuns.resolve()
      }
    }

    this.#engineHeardAtMs = this.#dependencies.clock.now()
    this.#isGenerating = true
    try {
      return await settleAll(Array.from({ length: request.choices }, (_, choiceIndex) => run(choiceIndex)))
    } finally {
      this.#isGenerating = false
    }
  }

  throwIfFailed(): void {
    if (this.#failure) throw this.#failure
  }

  #late(message: string): AppError {
    return new AppError('timeout', message)
  }

  #watch(): void {
    const nowMs = this.#dependencies.clock.now()
    const isPaused = this.parts.weight > this.#limits.goOnAtBufferedTokens
    if (this.#isGenerating && !isPaused && nowMs - this.#engineHeardAtMs > this.#limits.engineSilenceMs) {
      this.fail(this.#late('The model did not answer in time. Try again, or use a smaller prompt.'))
    }
    if (this.parts.weight > 0 && nowMs - this.#clientReadAtMs > this.#limits.clientStallMs) {
      this.fail(this.#late('The client did not read its answer.'))
    }
  }
}

/** Counted in tokens, including the alternatives of logprobs. */
function weightOf(part: InferencePart): number {
  return part.type === 'text-delta' ? part.tokens.reduce((total, { topLogprobs }) => total + 1 + topLogprobs.length, 0) : 1
}

/** Waits for all, even if one has failed, so that no work continues after the request has ended. */
async function settleAll<Result>(work: readonly Promise<Result>[]): Promise<readonly Result[]> {
  const results = await Promise.allSettled(work)
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason
    return result.value
  })
}
