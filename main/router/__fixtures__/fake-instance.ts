import type { AppError } from '../../shared/app-error.ts'
import type { GenerationPart, GenerationSpec, GenerationTimings } from '../../shared/inference/generation.ts'
import { ModelId } from '../../shared/ids.ts'
import type { InstanceHandle, InstancesPort, TokenizerPort } from '../router-ports.ts'

export const EOS = 256

/** Tokens are bytes, except the end-of-sequence token. */
const byteTokenizer: TokenizerPort = {
  encode: async (text) => [...new TextEncoder().encode(text)],
  encodeChat: async ({ messages }) => {
    const text = messages.map(({ role, content }) => `${role}: ${content}\n`).join('')
    return { text, tokenIds: [...new TextEncoder().encode(text)] }
  },
  decode: (tokenIds) => new TextDecoder().decode(Uint8Array.from(tokenIds)),
  tokenBytes: (tokenId) => (tokenId === EOS ? new TextEncoder().encode('<eos>') : Uint8Array.of(tokenId)),
  isSpecial: (tokenId) => tokenId === EOS,
  stripsLeadingSpace: false,
  eosTokenIds: [EOS],
  vocabSize: 257,
}

export interface FakeEngineOptions {
  /** The model's answer to any prompt, followed by EOS. It may depend on the seed. */
  readonly answer: string | ((generation: GenerationSpec) => string)
  /** A wait before each token. */
  readonly beforeToken?: (step: number) => Promise<void> | void
  /** A failure to throw instead of the next token; receives the answer's tokens so far. */
  readonly failure?: (tokensSoFar: number) => AppError | null
  /** False: it is of a version that knows no embeddings. */
  readonly embeds?: boolean
  readonly contextTokens?: number
  readonly isRecoverable?: boolean
  /** False: a request has it loaded. */
  readonly isLoaded?: boolean
  readonly draft?: NonNullable<GenerationTimings['draft']>
}

/** An instance whose engine follows the contract of the real one, including resumes, and records its requests. */
export class FakeInstance {
  readonly generations: GenerationSpec[] = []
  readonly ended: { generationId: string; finishReason: string }[] = []
  sampledTokens = 0
  ensured = 0
  running = 0
  readonly handle: InstanceHandle
  readonly #options: FakeEngineOptions

  constructor(options: FakeEngineOptions) {
    this.#options = options
    this.handle = {
      instanceId: 'instance-1',
      modelId: ModelId.parse('tiny'),
      contextTokens: options.contextTokens ?? 1000,
      isRecoverable: options.isRecoverable ?? true,
      tokenizer: byteTokenizer,
      draftModelId: null,
      generate: (generation, signal) => this.#generate(generation, signal),
    }
  }

  /** Returns another handle each time, as a real instance has after each load. */
  readonly instances: InstancesPort = {
    ensure: async () => {
      this.ensured++
      return { ...this.handle }
    },
    foresee: async () => (this.#options.isLoaded === false ? this.handle : null),
  }

  async *#generate(generation: GenerationSpec, signal: AbortSignal): AsyncIterable<GenerationPart> {
    const { generationId, promptTokenIds, resumedTokens, maxTokens, stopTokenIds, topLogprobs, promptLogprobs, pooling } = generation
    const { answer, beforeToken, failure } = this.#options
    const tokens = [...new TextEncoder().encode(typeof answer === 'string' ? answer : answer(generation)), EOS]
    const withLogprob = (tokenId: number) => ({
      tokenId,
      logprob: topLogprobs === null ? null : -0.5,
      topLogprobs: topLogprobs ? [{ tokenId, logprob: -0.5 }] : [],
    })
    this.generations.push(generation)
    this.running++
    let finishReason: 'stop' | 'length' | 'cancelled' = 'length'
    try {
      yield { type: 'prefill-progress', generationId, doneTokens: promptTokenIds.length, totalTokens: promptTokenIds.length }
      if (promptLogprobs) yield { type: 'prompt-logprobs', generationId, tokens: promptTokenIds.map(withLogprob) }
      if (pooling !== undefined && this.#options.embeds !== false) yield { type: 'embedding', generationId, vector: [0.6, 0.8] }
      for (let step = 0; step < maxTokens; step++) {
        await beforeToken?.(resumedTokens + step)
        if (signal.aborted) {
          finishReason = 'cancelled'
          break
        }
        const error = failure?.(resumedTokens + step)
        if (error) throw error
        const tokenId = tokens[Math.min(resumedTokens + step, tokens.length - 1)] ?? EOS
        this.sampledTokens++
        yield { type: 'token-delta', generationId, token: withLogprob(tokenId) }
        if (!stopTokenIds.includes(tokenId)) continue
        finishReason = 'stop'
        break
      }
      this.ended.push({ generationId, finishReason })
      yield {
        type: 'generation-end',
        generationId,
        finishReason,
        timings: {
          queueMs: 1,
          prefillMs: 10,
          decodeMs: 20,
          cachedTokens: 0,
          ...(this.#options.draft ? { draft: this.#options.draft } : {}),
        },
      }
    } finally {
      this.running--
    }
  }
}
