import type { LayerRange } from '../../main/shared/shard.ts'
import type { OutputGate, QueryGrowth } from '../family/parts/attention-forms.ts'
import type { Activation, RouterDescription } from '../family/parts/feed-forward.ts'
import type { StoredType } from '../weights/tensor-catalog.ts'

// A model as C++ receives it: the fields are those of engine/model/decoder_spec.h.

/** The part of a tensor [rows, columns] that a shard needs. A vector has one row. */
export interface TensorSource {
  readonly name: string
  readonly file: number
  readonly offsetBytes: number
  readonly type: StoredType
  /** Columns of the whole tensor. */
  readonly columns: number
  readonly rowRange: LayerRange
  readonly columnRange: LayerRange
}

/** The quantization modes, by MLX's names. */
export type QuantizationMode = 'affine' | 'mxfp4' | 'mxfp8'

export interface QuantizationPlan {
  readonly mode: QuantizationMode
  readonly bits: number
  readonly groupSize: number
  readonly scales: TensorSource
  /** null if the mode has none. */
  readonly biases: TensorSource | null
}

export interface MatrixSource {
  readonly weight: TensorSource
  readonly quantization: QuantizationPlan | null
  readonly bias: TensorSource | null
  /** If a rank's columns begin or end within a quantization group: the columns that it needs among those that are read. */
  readonly crop: LayerRange | null
}

/** Rotary positions: pair i is rotated by position * positionScale * inverseFrequencies[i]. */
export interface RopePlan {
  readonly inverseFrequencies: Float32Array
  readonly positionScale: number
  /** Factor on the rotated dimensions (yarn). */
  readonly magnitude: number
  readonly isInterleaved: boolean
}

export interface AttentionPlan {
  /** Heads of this rank. */
  readonly heads: number
  readonly kvHeads: number
  readonly headDim: number
  readonly valueDim: number
  readonly scale: number
  /** The number of positions that a token attends to, including its own; 0: all. */
  readonly windowTokens: number
  readonly rope: number
  readonly queryNorm: TensorSource | null
  readonly keyNorm: TensorSource | null
  /** [heads] */
  readonly sinks: TensorSource | null
  /** The width of queries or keys over all ranks if their norms cover whole rows; 0: norms per head. */
  readonly normedQueryWidth: number
  readonly normedKeyWidth: number
  readonly isNormedAfterRotation: boolean
  readonly valueScale: number
  readonly softCap: number
  readonly queryGrowth: QueryGrowth
  readonly outputGate: OutputGate
  readonly latent: LatentPlan | null
}

/** The parts that only latent attention has, for this rank's heads. */
export interface LatentPlan {
  readonly latentDim: number
  readonly rotatedDim: number
  readonly plainDim: number
  readonly valueDim: number
  readonly normEpsilon: number
  /** Both null if queries are computed directly from the hidden state. */
  readonly queryNorm: TensorSource | null
  readonly queryUp: MatrixSource | null
  readonly latentNorm: TensorSource
  /** Per head [latentDim, plainDim], or with `isKeyLayout` [plainDim, latentDim]. */
  readonly toLatent: readonly MatrixSource[]
  readonly isKeyLayout: boolean
  /** Per head [valueDim, latentDim]. */
  readonly fromLatent: readonly MatrixSource[]
}

/** down(activation(gate) * up). */
export interface GatedPlan {
  /** Gate and up, or both in one. */
  readonly gateUp: readonly MatrixSource[]
  readonly down: readonly MatrixSource[]
}

/** See `RouterDescription`. */
export interface RouterPlan {
  readonly weight: MatrixSource
  readonly correction: TensorSource | null
  readonly scoring: RouterDescription['scoring']
  readonly chosen: number
  readonly isNormalized: boolean
  readonly groups: number
  readonly groupsKept: number
  readonly isGroupBest: boolean
  readonly logitCap: number
  readonly scale: number
}

/** Arrays of shape [experts]; all experts have the same size. */
export interface ExpertsPlan {
  readonly router: RouterPlan
  readonly gate: readonly MatrixSource[]
  readonly up: readonly MatrixSource[]
  readonly down: readonly MatrixSource[]
  readonly limit: number
}

/** The result is the sum of the parts that exist. */
export interface FeedForwardPlan {
  readonly activation: Activation
  readonly always: GatedPlan | null
  readonly experts: ExpertsPlan | null
  readonly alwaysLimit: number
  readonly alwaysGate: MatrixSource | null
}

/** A norm's weight and bias. */
export interface NormPlan {
  readonly weight: TensorSource
  readonly bias: TensorSource | null
}

export interface LayerPlan {
  /** null: the half reads the unnormalized state, or the input of the other half. */
  readonly inputNorm: NormPlan | null
  /** Query, key and value; for latent attention, query (or its narrow layer) and latent with the rotated key. */
  readonly queryKeyValue: readonly MatrixSource[]
  readonly attention: AttentionPlan
  readonly attentionOutput: readonly MatrixSource[]
  /** The norm of the attention's output, before it is added. */
  readonly attentionOutputNorm: NormPlan | null
  readonly feedForwardNorm: NormPlan | null
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
  readonly isLayerNorm: boolean
  readonly isParallel: boolean
  readonly residualScale: number
  readonly logitScale: number
  readonly logitCap: number
  readonly embeddingScale: number
  readonly ropes: readonly RopePlan[]
  readonly layers: readonly LayerPlan[]
  /** Set on the first stage of a pipeline and, if the head is tied, on the last one. */
  readonly embedding: MatrixSource | null
  /** Set on the last stage of a pipeline. */
  readonly finalNorm: NormPlan | null
  /** null if the embedding is the head. */
  readonly head: MatrixSource | null
  readonly dequantize: boolean
}
