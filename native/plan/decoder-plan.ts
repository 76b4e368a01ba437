import type { LayerRange } from '../../main/shared/shard.ts'

// Written by `node setup/generate/write-decoder-spec.mjs` from native/plan/spec: change the tables there.

/** The element types that the engine reads; named as in safetensors. */
export type StoredType = 'F32' | 'F16' | 'BF16' | 'U32' | 'U8'

/** The part that a shard needs of a tensor [rows, columns]; a vector has one row. */
export interface TensorSource {
  readonly name: string
  /** Index into the plan's files. */
  readonly file: number
  /** The place of the tensor's first byte in the file. */
  readonly offsetBytes: number
  readonly type: StoredType
  /** The columns of the whole tensor. */
  readonly columns: number
  readonly rowRange: LayerRange
  readonly columnRange: LayerRange
}

/**
 * How numbers of few bits stand for a weight; named as in MLX. Affine: value = scale * number + bias, with one scale and
 * bias per group of a row's columns. Mxfp: small floats times a power of two per group.
 */
export type QuantizationMode = 'affine' | 'mxfp4' | 'mxfp8'

/** The form of a weight that is stored quantized. */
export interface QuantizationPlan {
  readonly mode: QuantizationMode
  readonly bits: number
  readonly groupSize: number
  readonly scales: TensorSource
  /** Of the affine mode alone. */
  readonly biases: TensorSource | null
}

/** A weight [outputs, inputs], and its bias [outputs]. */
export interface MatrixSource {
  readonly weight: TensorSource
  readonly quantization: QuantizationPlan | null
  readonly bias: TensorSource | null
  /**
   * Where a rank's columns begin or end within a quantization group: of the columns that are read, those that it needs. Such
   * a weight cannot stay quantized.
   */
  readonly crop: LayerRange | null
}

/** Rotary positions: dimension pair i turns by position * positionScale * inverseFrequencies[i]. */
export interface RopePlan {
  /** One for each pair of dimensions that turn; these are the first ones of a head. */
  readonly inverseFrequencies: Float32Array
  readonly positionScale: number
  /** Factor on the turned dimensions (yarn). */
  readonly magnitude: number
  /** Pairs are neighbours (2i, 2i + 1), not (i, i + half). */
  readonly isInterleaved: boolean
}

/** Latent attention (DeepSeek), over this rank's heads: a token keeps one narrow latent and one rotated key for all heads. */
export interface LatentPlan {
  readonly latentDim: number
  readonly rotatedDim: number
  /** The width of the part of a query that meets the latent, not the rotated key. */
  readonly plainDim: number
  /** The width of a head's result. */
  readonly valueDim: number
  readonly normEpsilon: number
  /** Of queries that come out of a narrow layer, as is `queryUp`. */
  readonly queryNorm: TensorSource | null
  readonly queryUp: MatrixSource | null
  readonly latentNorm: TensorSource
  /** Per head [latent, plain]; in the key layout [plain, latent]. */
  readonly toLatent: readonly MatrixSource[]
  readonly isKeyLayout: boolean
  /** Per head [value, latent]. */
  readonly fromLatent: readonly MatrixSource[]
}

/**
 * A factor on an attention's results that the layer's input decides: per head the sigmoid or the softplus of one number,
 * or per number of a head's result its sigmoid.
 */
export type OutputGate = 'none' | 'head-sigmoid' | 'head-softplus' | 'element-sigmoid'

/** Queries grow with their position: 1 + beta * log(1 + floor((position + offset) / length)). */
export interface QueryGrowth {
  readonly beta: number
  readonly length: number
  readonly offset: number
}

/** Attention over this rank's heads: of grouped queries, or `latent`. */
export interface AttentionPlan {
  readonly heads: number
  readonly kvHeads: number
  readonly headDim: number
  /** The width of a head's values and results. */
  readonly valueDim: number
  readonly scale: number
  /** Positions that a token sees, itself included; 0: all. */
  readonly windowTokens: number
  /** Index into the decoder's ropes. */
  readonly rope: number
  /** RMS norm of each head [head], or of whole rows [this rank's heads * head]. */
  readonly queryNorm: TensorSource | null
  readonly keyNorm: TensorSource | null
  /** The width of all queries, over all ranks, where norms are of whole rows; 0: of each head. */
  readonly normedQueryWidth: number
  /** The same of keys. */
  readonly normedKeyWidth: number
  /** The norms of heads follow the rotation. */
  readonly isNormedAfterRotation: boolean
  /** Factor on the values. */
  readonly valueScale: number
  /** Logits l become cap * tanh(l / cap); 0: they stay. */
  readonly softCap: number
  readonly queryGrowth: QueryGrowth
  readonly outputGate: OutputGate
  /** Logits that take part in the softmax without a value [heads]. */
  readonly sinks: TensorSource | null
  readonly latent: LatentPlan | null
}

/** What lies between a feed-forward's two products: activation(gate) * up. */
export type Activation = 'silu' | 'gelu-tanh' | 'clamped-swiglu' | 'limited-silu'

/** down(activation(gate) * up). */
export interface GatedPlan {
  /** Gate, up; or both in one. */
  readonly gateUp: readonly MatrixSource[]
  readonly down: readonly MatrixSource[]
}

/** What turns a logit of the router into an expert's score. */
export type Scoring = 'softmax' | 'sigmoid' | 'sqrt-softplus'

/** How a token finds its experts: each gets a score from its logit; the best ones take part, weighted by their scores. */
export interface RouterPlan {
  readonly weight: MatrixSource
  /** Added to the scores for the choice alone [experts]. */
  readonly correction: TensorSource | null
  readonly scoring: Scoring
  /** How many experts take part. */
  readonly chosen: number
  /** The weights of the chosen ones are scaled to sum to 1. */
  readonly isNormalized: boolean
  /** Only experts of the `groupsKept` best groups can be chosen; a group counts by its two best experts. */
  readonly groups: number
  readonly groupsKept: number
  /** Groups count by their best expert alone. */
  readonly isGroupBest: boolean
  /** Logits l become cap * tanh(l / cap) first; 0: they stay. */
  readonly logitCap: number
  /** Factor on the weights. */
  readonly scale: number
}

/** One matrix per expert, of one size each; a rank has its share of every expert's width. */
export interface ExpertsPlan {
  readonly router: RouterPlan
  readonly gate: readonly MatrixSource[]
  readonly up: readonly MatrixSource[]
  readonly down: readonly MatrixSource[]
  /** Of the activation `limited-silu`, in experts; 0: none. */
  readonly limit: number
}

/** A layer's second half: the sum of what it has of both. */
export interface FeedForwardPlan {
  readonly activation: Activation
  /** For every token: the whole of a dense layer, or the shared experts. */
  readonly always: GatedPlan | null
  readonly experts: ExpertsPlan | null
  /** Of the activation `limited-silu`, in `always`; 0: none. */
  readonly alwaysLimit: number
  /** A factor on the result of `always`: the sigmoid of this product [1, hidden]. */
  readonly alwaysGate: MatrixSource | null
}

/** A norm's weight, and its bias where there is one. */
export interface NormPlan {
  readonly weight: TensorSource
  readonly bias: TensorSource | null
}

/** A layer of the decoder. */
export interface LayerPlan {
  /** Without it the half reads the state as it is, or what the other half reads. */
  readonly inputNorm: NormPlan | null
  /** The same of the second half. */
  readonly feedForwardNorm: NormPlan | null
  /** Query, key, value; of latent attention: query (or its narrow layer), latent, rotated key. */
  readonly queryKeyValue: readonly MatrixSource[]
  readonly attention: AttentionPlan
  readonly attentionOutput: readonly MatrixSource[]
  /** Of the attention's output, before it is added. */
  readonly attentionOutputNorm: NormPlan | null
  /** Of the second half's output, before it is added. */
  readonly feedForwardOutputNorm: NormPlan | null
  readonly feedForward: FeedForwardPlan
}

/** One rank's part of a decoder. */
export interface DecoderPlan {
  readonly files: readonly string[]
  readonly hiddenSize: number
  readonly vocabSize: number
  readonly normEpsilon: number
  /** Added to the weight of every norm. */
  readonly normOffset: number
  /** Norms subtract the mean first. */
  readonly isLayerNorm: boolean
  /** Both halves of a layer read its input, by the first one's norm. */
  readonly isParallel: boolean
  /** Factor on what a half of a layer adds. */
  readonly residualScale: number
  /** Factor on the logits. */
  readonly logitScale: number
  /** Logits l become cap * tanh(l / cap); 0: they stay. */
  readonly logitCap: number
  /** Factor on the embedding's rows. */
  readonly embeddingScale: number
  readonly ropes: readonly RopePlan[]
  /** This rank's own layers. */
  readonly layers: readonly LayerPlan[]
  /** Where the pipeline begins, and for a tied head where it ends. */
  readonly embedding: MatrixSource | null
  /** Where the pipeline ends. */
  readonly finalNorm: NormPlan | null
  /** Absent where the embedding is the head. */
  readonly head: MatrixSource | null
  /** CPU only: hold every weight as float32. */
  readonly dequantize: boolean
}
