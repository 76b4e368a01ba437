import type { z } from 'zod'
import type { RopePlan } from '../plan/decoder-plan.ts'
import type { FeedForwardDescription } from './parts/feed-forward.ts'
import type { OutputGate, QueryGrowth } from './parts/attention-forms.ts'
import type { LatentDescription } from './parts/latent-attention.ts'

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
  readonly norms: LayerNorms
  /** Factor on the embedding's rows. */
  readonly embeddingScale: number
  /** Where the modules may lie; the first place that the files have counts. */
  readonly places: readonly [ModulePlace, ...ModulePlace[]]
  readonly attentionModules: AttentionModules
  readonly rope: RopePlan
  /** Of layers with a window; null: the same. */
  readonly windowRope: RopePlan | null
  /** Positions that a token of this layer sees, itself included; 0: all. Shape [layers]. */
  readonly windowTokens: readonly number[]
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
  /** That norm is one over the whole row, of all heads. */
  readonly isRowNormed: boolean
  /** It follows the rotation. */
  readonly isNormedAfterRotation: boolean
  /** What differs from layer to layer; shape [layers], or none. */
  readonly layerAttention: readonly Partial<LayerAttention>[]
  /** Factor on the values. */
  readonly valueScale: number
  /** Attention's logits l become cap * tanh(l / cap); 0: they stay. */
  readonly softCap: number
  readonly outputGate: OutputGate
  /** Norms take the mean away first, and may have a bias. */
  readonly layerNorm: { readonly hasBias: boolean } | null
  /** Both halves of a layer read its input, by one norm. */
  readonly isParallel: boolean
  /** Factor on what a half of a layer adds. */
  readonly residualScale: number
  /** Factor on the logits. */
  readonly logitScale: number
  /** Logits l become cap * tanh(l / cap); 0: they stay. */
  readonly logitCap: number
  readonly hasHeadBias: boolean
  /** Shape [layers]. */
  readonly feedForward: readonly FeedForwardDescription[]
  /** The head is the embedding; null: config.json does not say. */
  readonly isHeadTied: boolean | null
}

/** The names under which a model's files have its modules. */
export interface ModulePlace {
  /** Of the layers' modules, with its dot: `model.`. */
  readonly prefix: string
  readonly embedding: string
  readonly head: string
}

/** Norms by their names within a layer's modules; null: there is no such norm. */
export interface LayerNorms {
  readonly input: string | null
  /** Of the halves' outputs, before they are added. */
  readonly attentionOutput: string | null
  readonly feedForward: string | null
  readonly feedForwardOutput: string | null
}

/** What an attention of grouped queries may have of its own in a layer. */
export interface LayerAttention {
  readonly heads: number
  readonly kvHeads: number
  readonly headDim: number
  /** Of a head's values; null: as its keys. */
  readonly valueDim: number | null
  /** null: positions do not turn. */
  readonly rope: RopePlan | null
  readonly attentionScale: number
  readonly hasAttentionSinks: boolean
  readonly queryGrowth: QueryGrowth | null
}

/** The names of an attention's modules within a layer's. */
export interface AttentionModules {
  /** Three modules, or one whose rows are those of all three. */
  readonly queryKeyValue: readonly [query: string, key: string, value: string] | readonly [all: string]
  readonly output: string
  readonly queryNorm: string
  readonly keyNorm: string
  readonly sinks: string
  readonly gate: string
}

/** A family of models: the `model_type`s that it reads, and how. */
export interface Family<Schema extends z.ZodType = z.ZodType> {
  readonly modelTypes: readonly string[]
  readonly schema: Schema
  /** Keys of config.json with a meaning in this family that other families must refuse. */
  readonly reads?: readonly string[]
  describe(config: z.infer<Schema>): DecoderDescription
}

/** Keeps a family's schema and its `describe` in step. */
export function defineFamily<Schema extends z.ZodType>(family: Family<Schema>): Family<Schema> {
  return family
}
