import { AppError } from '../../shared/app-error.ts'
import type { InferenceRequest, Prompt } from '../../shared/inference/inference.ts'
import type { RunningRequest } from '../answer/running-requests.ts'
import { ApiError } from '../api-error.ts'
import { toGenerationSettings } from '../prompt/generation-settings.ts'

export interface EmbeddingQuestion {
  readonly requestId: string
  readonly model: string
  readonly prompts: readonly Prompt[]
  /** Keeps only the first numbers of each vector; null: all. */
  readonly dimensions: number | null
  /** Cuts off the end of a text that does not fit in the context; otherwise such a text is refused. */
  readonly truncates: boolean
  readonly contextTokens?: number
}

export interface Embedded {
  readonly modelId: string
  /** In the order of the prompts, each vector of length 1. */
  readonly vectors: readonly (readonly number[])[]
  readonly promptTokens: number
  /** The time at which the first prompt to start was accepted, which includes the wait for its model. */
  readonly acceptedAtMs: number
}

/** Models that support shorter vectors define them as the start of the full one. */
function shortened(vector: readonly number[], dimensions: number | null): readonly number[] {
  if (dimensions === null || dimensions === vector.length) return vector
  if (dimensions > vector.length)
    throw new ApiError(
      400,
      'invalid_value',
      `'dimensions' is ${dimensions}, and the model's embeddings have ${vector.length} numbers. Ask for no more, or leave it out.`,
      { param: 'dimensions' },
    )
  const first = vector.slice(0, dimensions)
  const length = Math.hypot(...first)
  return length === 0 ? first : first.map((value) => value / length)
}

/** @throws AppError, ApiError if one of the texts cannot be embedded: then none is */
export async function embedTexts(
  running: RunningRequest,
  { requestId, model, prompts, dimensions, truncates, contextTokens }: EmbeddingQuestion,
  now: () => number,
  signal: AbortSignal,
): Promise<Embedded> {
  const requests = prompts.map(
    (prompt, index): InferenceRequest => ({
      requestId: prompts.length === 1 ? requestId : `${requestId}-${index}`,
      model,
      prompt,
      embeds: true,
      maxTokens: 0,
      ...toGenerationSettings({}),
      topLogprobs: null,
      promptLogprobs: false,
      ...(truncates ? { tokenRules: { cutsPromptEnd: true } } : {}),
      ...(contextTokens === undefined ? {} : { contextTokens }),
    }),
  )
  const vectors = new Map<number, readonly number[]>()
  let [modelId, promptTokens, acceptedAtMs] = [model, 0, now()]
  let isFirst = true
  for await (const { promptIndex, part } of running.inferAll(requests, signal)) {
    if (part.type === 'accepted') {
      if (isFirst) acceptedAtMs = now()
      isFirst = false
      modelId = part.modelId
      promptTokens += part.promptTokenIds.length
    } else if (part.type === 'embedding') vectors.set(promptIndex, shortened(part.vector, dimensions))
    else if (part.type === 'choice-end' && part.finishReason === 'cancelled') throw new AppError('cancelled', 'The request was cancelled.')
  }
  const inOrder = prompts.map((_, index) => {
    const vector = vectors.get(index)
    if (vector) return vector
    throw new AppError(
      'instance-failed',
      'The node that runs the model returned no embedding: its version of exo is older. Update it, or load the model on this node.',
    )
  })
  return { modelId, vectors: inOrder, promptTokens, acceptedAtMs }
}
