import type { InferenceRequest } from '../../shared/inference/inference.ts'
import type { WireSeed } from '../../shared/wire/api/openai.ts'
import { ApiError } from '../api-error.ts'

/** The part of a request that controls sampling and the end of the answer. */
export type GenerationSettings = Pick<
  InferenceRequest,
  | 'stop'
  | 'seed'
  | 'choices'
  | 'temperature'
  | 'topP'
  | 'topK'
  | 'minP'
  | 'repetitionPenalty'
  | 'presencePenalty'
  | 'frequencyPenalty'
  | 'logitBias'
  | 'ignoreEos'
>

interface WireSettings {
  readonly n?: number | null | undefined
  readonly stop?: string | readonly string[] | null | undefined
  readonly seed?: WireSeed | null | undefined
  readonly temperature?: number | null | undefined
  readonly top_p?: number | null | undefined
  readonly top_k?: number | null | undefined
  readonly min_p?: number | null | undefined
  readonly repetition_penalty?: number | null | undefined
  readonly presence_penalty?: number | null | undefined
  readonly frequency_penalty?: number | null | undefined
  readonly logit_bias?: Readonly<Record<string, number>> | null | undefined
  readonly ignore_eos?: boolean | null | undefined
}

/** Keeps only the most likely token, like OpenAI's `top_p: 0`; the engine requires more than 0. */
const SMALLEST_TOP_P = 1e-6
const MOST_BIASED_TOKENS = 4096

/**
 * A seed as 64 unsigned bits: a negative seed is converted by two's complement.
 *
 * @throws ApiError 400 beyond 64 bits
 */
export function toUnsignedSeed(seed: WireSeed): string {
  const value = BigInt(seed)
  if (value < -(2n ** 63n) || value >= 2n ** 64n)
    throw new ApiError(400, 'invalid_value', "'seed' must be a 64-bit integer.", { param: 'seed' })
  return BigInt.asUintN(64, value).toString()
}

function toLogitBias(bias: Readonly<Record<string, number>>): (readonly [number, number])[] {
  const pairs = Object.entries(bias).map(([tokenId, value]) => [Number(tokenId), value] as const)
  if (pairs.length > MOST_BIASED_TOKENS)
    throw new ApiError(400, 'invalid_value', `At most ${MOST_BIASED_TOKENS} tokens can be biased.`, { param: 'logit_bias' })
  if (pairs.some(([tokenId]) => tokenId > 0x7fffffff))
    throw new ApiError(400, 'invalid_value', 'The token id exceeds every vocabulary.', { param: 'logit_bias' })
  return pairs
}

/** For settings that a request omits, the model's defaults apply, and OpenAI's for the rest. */
export function toGenerationSettings(body: WireSettings): GenerationSettings {
  const stop = body.stop ?? []
  return {
    stop: typeof stop === 'string' ? [stop] : stop,
    seed: body.seed === undefined || body.seed === null ? null : toUnsignedSeed(body.seed),
    choices: body.n ?? 1,
    temperature: body.temperature ?? null,
    topP: typeof body.top_p === 'number' ? Math.max(body.top_p, SMALLEST_TOP_P) : null,
    topK: typeof body.top_k === 'number' ? Math.max(body.top_k, 0) : null,
    minP: body.min_p ?? null,
    repetitionPenalty: body.repetition_penalty ?? null,
    presencePenalty: body.presence_penalty ?? 0,
    frequencyPenalty: body.frequency_penalty ?? 0,
    logitBias: toLogitBias(body.logit_bias ?? {}),
    ignoreEos: body.ignore_eos ?? false,
  }
}

/** The draft model that a request names, if any. */
export function draftModelOf({
  draft_model: draftModel,
}: {
  readonly draft_model?: string | null | undefined
}): Pick<InferenceRequest, 'draftModel'> {
  return draftModel === undefined || draftModel === null ? {} : { draftModel }
}
