import type { EncoderActivation, RopePlan } from '../../plan/decoder-plan.ts'

/** An encoder as its `config.json` describes it, in the same form for all families; `planEncoder` finds its tensors. */
export interface EncoderDescription {
  readonly modelType: string
  readonly hiddenSize: number
  readonly layers: number
  readonly heads: number
  readonly kvHeads: number
  readonly headDim: number
  readonly vocabSize: number
  readonly attentionScale: number
  /** ALiBi's factors, by head; or none. */
  readonly slopes: Float32Array
  readonly normEpsilon: number
  /** Added to the weight of every norm. */
  readonly normOffset: number
  /** Norms subtract the mean first; without, they are RMS norms. */
  readonly isLayerNorm: boolean
  /** What the names of all modules may start with. The first one that exists in the files counts. */
  readonly prefixes: readonly [string, ...string[]]
  readonly embedding: string
  readonly embeddingScale: number
  /** The same where the embedding is not stored as float32; absent: no other. */
  readonly roundedEmbeddingScale?: number
  /** Learned positions; null: none. */
  readonly positions: { readonly module: string; readonly rows: number; readonly first: number } | null
  /** The embedding of a text's place in a pair; null: none. */
  readonly segments: { readonly module: string; readonly rows: number } | null
  readonly embeddingNorm: string | null
  readonly finalNorm: string | null
  readonly ropes: readonly RopePlan[]
  /** The prefix of a layer's modules. */
  layer(index: number): string
  /** Shape [layers]: the index of the layer's rope, and its window on either side; below 0: none. */
  readonly attention: readonly { readonly rope: number; readonly windowTokens: number }[]
  readonly modules: EncoderModules
  readonly inner: { readonly size: number; readonly activation: EncoderActivation }
  /** The head of a model that scores pairs of texts; null: it makes embeddings. */
  readonly classifier: ClassifierDescription | null
}

/** The names of the modules within a layer; null: there is none. */
export interface EncoderModules {
  readonly attentionNorm: string | null
  /** The first layer reads the embedding as it is. */
  readonly isFirstAttentionNormLeftOut?: boolean
  readonly queryKeyValue: readonly [query: string, key: string, value: string] | readonly [all: string]
  readonly queryNorm: string | null
  readonly keyNorm: string | null
  readonly attentionOutput: string
  readonly attentionOutputNorm: string | null
  readonly attentionSumNorm: string | null
  readonly feedForwardNorm: string | null
  /** Two modules, or one with both, have a gate, which is first. */
  readonly up: readonly string[]
  readonly isGated: boolean
  readonly down: string
  readonly feedForwardOutputNorm: string | null
  readonly feedForwardSumNorm: string | null
}

export interface ClassifierDescription {
  /** Modules without the prefix, unless `isWithin`. */
  readonly layers: readonly {
    readonly module: string
    readonly isWithin: boolean
    readonly activation: EncoderActivation
    /** null: none */
    readonly norm: string | null
    /** null: as many as the files have */
    readonly outputs: number | null
  }[]
  readonly isMean: boolean
}
