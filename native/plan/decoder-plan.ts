import type { LayerRange } from '../../main/shared/shard.ts'
import type { OutputGate, QueryGrowth } from '../family/parts/attention-forms.ts'
import type { Activation, RouterDescription } from '../family/parts/feed-forward.ts'
import type { StoredType } from '../weights/tensor-catalog.ts'

// What C++ is told of a model: engine/model/decoder_spec.h, field by field.

/** The part that a shard needs of a tensor [rows, columns]; a vector has one row. */
export interface TensorSource {
  readonly name: string
  readonly file: number
  readonly offsetBytes: number
  readonly type: StoredType
  /** Of the whole tensor. */
  readonly columns: number
  readonly rowRange: LayerRange
  readonly columnRange: LayerRange
}

/** How numbers of few bits stand for a weight: MLX's names. */
export type QuantizationMode = 'affine' | 'mxfp4' | 'mxfp8'

export interface QuantizationPlan {
  readonly mode: QuantizationMode
  readonly bits: number
  readonly groupSize: number
  readonly scales: TensorSource
  /** null where the mode has none. */
  readonly biases: TensorSource | null
}

export interface MatrixSource {
  readonly weight: TensorSource
  readonly quantization: QuantizationPlan | null
  readonly bias: TensorSource | null
  /** Where a rank's columns begin or end within a quantization group: of the columns that are read, those that it needs. */
  readonly crop: LayerRange | null
}

/** Rotary positions: pair i turns by position * positionScale * inverseFrequencies[i]. */
export interface RopePlan {
  readonly inverseFrequencies: Float32Array
  readonly positionScale: number
  /** Factor on the turned dimensions (yarn). */
  readonly magnitude: number
  readonly isInterleaved: boolean
}

export interface AttentionPlan {
  /** Of this rank. */
  readonly heads: number
  readonly kvHeads: number
  readonly headDim: number
  readonly valueDim: number
  readonly scale: number
  /** Positions that a token sees, itself included; 0: all. */
  readonly windowTokens: number
  readonly rope: number
  readonly queryNorm: TensorSource | null
  readonly keyNorm: TensorSource | null
  /** [heads] */
  readonly sinks: TensorSource | null
  /** Of queries and keys over all ranks, where their norms are of whole rows; 0: of each head. */
  readonly normedQueryWidth: number
  readonly normedKeyWidth: number
  readonly isNormedAfterRotation: boolean
  readonly valueScale: number
  readonly softCap: number
  readonly queryGrowth: QueryGrowth
  readonly outputGate: OutputGate
  readonly latent: LatentPlan | null
}

/** What latent attention has of its own; this rank's heads. */
export interface LatentPlan {
  readonly latentDim: number
  readonly rotatedDim: number
  readonly plainDim: number
  readonly valueDim: number
  readonly normEpsilon: number
  /** Both null where queries come straight from the hidden state. */
  readonly queryNorm: TensorSource | null
  readonly queryUp: MatrixSource | null
  readonly latentNorm: TensorSource
  /** Per head [latentDim, plainDim]; as `isKeyLayout` says, [plainDim, latentDim]. */
  readonly toLatent: readonly MatrixSource[]
  readonly isKeyLayout: boolean
  /** Per head [valueDim, latentDim]. */
  readonly fromLatent: readonly MatrixSource[]
}

/** down(activation(gate) * up). */
export interface GatedPlan {
  /** Gate, up; or both in one. */
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

/** Shapes [experts], of one size each. */
export interface ExpertsPlan {
  readonly router: RouterPlan
  readonly gate: readonly MatrixSource[]
  readonly up: readonly MatrixSource[]
  readonly down: readonly MatrixSource[]
  readonly limit: number
}

/** The sum of what it has of both. */
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
  /** null: the half reads the state as it is, or what the other half reads. */
  readonly inputNorm: NormPlan | null
  /** Query, key, value; of latent attention: query (or its narrow layer), latent with the rotated key. */
  readonly queryKeyValue: readonly MatrixSource[]
  readonly attention: AttentionPlan
  readonly attentionOutput: readonly MatrixSource[]
  /** Of the attention's output, before it is added. */
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
  /** Where the pipeline begins, and for a tied head where it ends. */
  readonly embedding: MatrixSource | null
  /** Where the pipeline ends. */
  readonly finalNorm: NormPlan | null
  /** null where the embedding is the head. */
  readonly head: MatrixSource | null
  readonly dequantize: boolean
}
