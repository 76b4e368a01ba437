import type { z } from 'zod'
import type { RopePlan } from '../plan/decoder-plan.ts'
import type { FeedForwardDescription } from './feed-forward.ts'
import type { LatentDescription } from './latent-attention.ts'

/**
 * What a `config.json` says of a decoder, in one form for all families. `planDecoder` turns it, with the files' headers,
 * into what C++ loads.
 */
export interface DecoderDescription {
  readonly modelType: string
  readonly hiddenSize: number
  readonly layers: number
  readonly heads: number
  readonly kvHeads: number
  readonly headDim: number
  readonly vocabSize: number
  readonly normEpsilon: number
  /** Added to the weight of every norm. */
  readonly normOffset: number
  /** The outputs of both halves of a layer go through a norm each before they are added (Gemma). */
  readonly hasOutputNorms: boolean
  /** Factor on the embedding's rows. */
  readonly embeddingScale: number
  /** Of the layers' modules and the embedding, with its dot: `model.`. */
  readonly modulePrefix: string
  /** Of the head's module: `lm_head`. */
  readonly headModule: string
  readonly rope: RopePlan
  /** Of layers with a window; null: the same. */
  readonly windowRope: RopePlan | null
  /** Positions that a token of this layer sees, itself included; 0: all. Shape [layers]. */
  readonly windowTokens: readonly number[]
  /** Query, key and value are the rows of one module `qkv_proj`. */
  readonly hasFusedQueryKeyValue: boolean
  readonly hasQueryKeyValueBias: boolean
  readonly hasAttentionOutputBias: boolean
  /** Factor on the products of queries and keys. */
  readonly attentionScale: number
  /** A logit per head takes part in the softmax without a value. */
  readonly hasAttentionSinks: boolean
  /** Keys and values come from a latent, and `kvHeads` and `headDim` mean nothing; null: grouped queries. */
  readonly latent: LatentDescription | null
  /** RMS norm of every query and key head before the rotation. */
  readonly hasQueryKeyNorm: boolean
  /** Shape [layers]. */
  readonly feedForward: readonly FeedForwardDescription[]
  /** The head is the embedding; null: config.json does not say. */
  readonly isHeadTied: boolean | null
}

/** A family of models: the `model_type`s that it reads, and how. */
export interface Family<Schema extends z.ZodType = z.ZodType> {
  readonly modelTypes: readonly string[]
  readonly schema: Schema
  describe(config: z.infer<Schema>): DecoderDescription
}

/** Keeps a family's schema and its `describe` in step. */
export function defineFamily<Schema extends z.ZodType>(family: Family<Schema>): Family<Schema> {
  return family
}
