import type { z } from 'zod'
import type { OutputGate, QueryGrowth, RopePlan } from '../plan/decoder-plan.ts'
import type { BlockIndexDescription } from './parts/block-index.ts'
import type { StateDescription } from './parts/state-layers.ts'
import type { FeedForwardDescription } from './parts/feed-forward.ts'
import type { LatentDescription } from './parts/latent-attention.ts'
import type { ResidualMixes } from './parts/residual-mixes.ts'
import type { StreamsDescription, TokenGroupsDescription } from './parts/token-groups.ts'

/**
 * A decoder as its `config.json` describes it, in the same form for all families. `planDecoder` combines it with the files'
 * headers into the plan that C++ loads.
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
  /** Factor on the rows of the embedding. */
  readonly embeddingScale: number
  /** The possible places of the modules. The first one that exists in the files counts. */
  readonly places: readonly [ModulePlace, ...ModulePlace[]]
  readonly attentionModules: AttentionModules
  readonly rope: RopePlan
  /** The rotation of windowed layers; null: the same. */
  readonly windowRope: RopePlan | null
  /** The number of positions that a token attends to in each layer, including its own; 0: all. Shape [layers]. */
  readonly windowTokens: readonly number[]
  readonly hasQueryKeyValueBias: boolean
  readonly hasAttentionOutputBias: boolean
  /** Factor on the products of queries and keys. */
  readonly attentionScale: number
  /** Each head has an additional logit in the softmax, without a value. */
  readonly hasAttentionSinks: boolean
  /** Keys and values are computed from a latent, and `kvHeads` and `headDim` are unused; null: grouped queries. */
  readonly latent: LatentDescription | null
  /** Layers that keep a state of the last token in place of attention; shape [layers], or none. */
  readonly states: readonly (StateDescription | null)[]
  /** These layers have attention too; both read the same input, and their results are added. */
  readonly areStatesBeside: boolean
  /** Layers that have only one half; shape [layers], or none. */
  readonly halves: readonly LayerHalf[]
  /** RMS norm of every query and key head before the rotation. */
  readonly hasQueryKeyNorm: boolean
  /** That norm covers the whole row of all heads. */
  readonly isRowNormed: boolean
  /** That norm comes after the rotation. */
  readonly isNormedAfterRotation: boolean
  /** RMS norm, without a weight, of every query and key head before the rotation. */
  readonly areHeadsNormed: boolean
  /** Differences between layers; shape [layers], or empty. */
  readonly layerAttention: readonly Partial<LayerAttention>[]
  /** RMS norm, without a weight, of each head of values. */
  readonly areValuesNormed: boolean
  /** Factor on the values. */
  readonly valueScale: number
  /** Attention logits l become cap * tanh(l / cap); 0: unchanged. */
  readonly softCap: number
  readonly outputGate: OutputGate
  /** Norms subtract the mean first and may have a bias. */
  readonly layerNorm: { readonly hasBias: boolean } | null
  /** Both halves of a layer read its input through the same norm. */
  readonly isParallel: boolean
  /** Factor on the output that each half of a layer adds. */
  readonly residualScale: number
  /** Factor on the logits. */
  readonly logitScale: number
  /** Logits l become cap * tanh(l / cap); 0: unchanged. */
  readonly logitCap: number
  readonly hasHeadBias: boolean
  /** Shape [layers]. */
  readonly feedForward: readonly FeedForwardDescription[]
  /** The inputs that each layer has of its own; null: none. */
  readonly layerInputs: LayerInputsDescription | null
  /** A tensor [1] in every layer, a factor on its output; null: none. */
  readonly layerScale: string | null
  /** Halves of layers read mixes of earlier states; null: they read the state. */
  readonly residualMixes: ResidualMixes | null
  /** The residual state is several streams; null: one. */
  readonly streams: StreamsDescription | null
  /** Attention to a window and to groups of tokens; null: to tokens alone. */
  readonly tokenGroups: TokenGroupsDescription | null
  /** Whether the head is the embedding; null: config.json does not specify it. */
  readonly isHeadTied: boolean | null
}

/** The inputs that each layer has of its own, computed from the token (Gemma 4). */
export interface LayerInputsDescription {
  /** The width of each layer's input. */
  readonly width: number
  /** The rows of the embedding; at least those of the decoder's own. */
  readonly vocabSize: number
  /** Modules within the decoder, with the parts of all layers. */
  readonly embedding: string
  readonly projection: string
  readonly norm: string
  /** Modules within a layer. */
  readonly gate: string
  readonly up: string
  readonly outputNorm: string
}

/** The names of the modules in a model's files. */
export interface ModulePlace {
  /** The prefix of the layers' modules, with its dot: `model.`. */
  readonly prefix: string
  readonly embedding: string
  readonly head: string
  /** The list of layers within the prefix; default: `layers`. */
  readonly layers?: string
  /** The last norm within the prefix. */
  readonly finalNorm?: string
}

/** The halves that a layer has. */
type LayerHalf = 'both' | 'first' | 'second'

/** The names of the norms within a layer's modules; null: the norm does not exist. */
export interface LayerNorms {
  readonly input: string | null
  /** The norms of the halves' outputs, before they are added. */
  readonly attentionOutput: string | null
  readonly feedForward: string | null
  readonly feedForwardOutput: string | null
}

/** The parts of grouped-query attention that may differ by layer. */
export interface LayerAttention {
  readonly heads: number
  readonly kvHeads: number
  readonly headDim: number
  /** The width of a head's values; null: the same as its keys. */
  readonly valueDim: number | null
  /** null: no rotary positions. */
  readonly rope: RopePlan | null
  readonly attentionScale: number
  readonly hasAttentionSinks: boolean
  readonly queryGrowth: QueryGrowth | null
  /** The layer whose keys and values are attended to; null: its own. */
  readonly keysOf: number | null
  /** Values are the keys before their norm and rotation. */
  readonly areValuesKeys: boolean
  /** The choice of the blocks of tokens that are seen; null: all are. */
  readonly blockIndex: BlockIndexDescription | null
}

/** The names of the attention's modules within a layer. */
export interface AttentionModules {
  /** Three modules, or one that contains the rows of all three. */
  readonly queryKeyValue: readonly [query: string, key: string, value: string] | readonly [all: string]
  readonly output: string
  readonly queryNorm: string
  readonly keyNorm: string
  readonly sinks: string
  /** null: each head's gates follow its query in the query's module. */
  readonly gate: string | null
}

/** A family of models: its `model_type`s and how to read them. */
export interface Family<Schema extends z.ZodType = z.ZodType> {
  readonly modelTypes: readonly string[]
  readonly schema: Schema
  /** Keys of config.json that this family supports and other families must refuse. */
  readonly reads?: readonly string[]
  describe(config: z.infer<Schema>): DecoderDescription
}

/** Keeps the types of a family's schema and its `describe` consistent. */
export function defineFamily<Schema extends z.ZodType>(family: Family<Schema>): Family<Schema> {
  return family
}
