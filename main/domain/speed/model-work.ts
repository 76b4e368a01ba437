import type { ModelCard } from '../../shared/models/model-card.ts'
import type { KvBits } from '../../shared/models/kv-bits.ts'
import { kvElementBytes } from '../placement/kv/kv-element-bytes.ts'
import { bytesPerWeight, modelSizes } from '../placement/layout/model-sizes.ts'

/** What one token costs in a model, summed over all layers. */
export interface ModelWork {
  readonly layers: number
  readonly hiddenSize: number
  /** Weights that every token reads in the layers: attention, MLPs, shared experts. */
  readonly plainBytes: number
  /** Weights of the experts that a token chooses. */
  readonly expertBytes: number
  /** Weights of all experts. */
  readonly allExpertBytes: number
  /** The head, which only generated tokens read. */
  readonly headBytes: number
  /** Multiplied weights per byte of the experts, and of all else. */
  readonly expertWeightsPerByte: number
  readonly plainWeightsPerByte: number
  /** Bytes of keys and values per token of context, in layers that see all of it. */
  readonly kvBytesPerToken: number
  /** The same for layers that see only the last `windowTokens`. */
  readonly windowKvBytesPerToken: number
  readonly windowTokens: number
  /** Operations of attention per pair of tokens, in layers that see all of the context. */
  readonly pairFlops: number
  readonly windowPairFlops: number
  /** The KV cache cannot be divided by heads. */
  readonly isKvReplicated: boolean
}

/** Matrices of a gated MLP. */
const MLP_MATRICES = 3

/** @param kvBits - of the KV cache; absent: as computed */
export function modelWork(card: ModelCard, kvBits?: KvBits): ModelWork {
  const sizes = modelSizes(card, 1)
  const routedBytes = routedExpertBytes(card, sizes.layersBytes)
  const plainWeightBytes = bytesPerPlainWeight(card, routedBytes)
  const headBytes = (sizes.headBytes * plainWeightBytes) / bytesPerWeight(card)
  const { layers, attentionHeads, headDim, kvLatentDim, kvHeads, slidingLayers } = card
  const windowLayers = Math.min(slidingLayers?.count ?? 0, layers)
  const tokenBytes = (kvLatentDim ?? 2 * kvHeads * headDim) * kvElementBytes(card, undefined, kvBits)
  // Scores and values: two multiplications and additions per element of each head.
  const layerPairFlops = 4 * attentionHeads * headDim
  return {
    layers,
    hiddenSize: card.hiddenSize,
    plainBytes: card.weightBytes - (sizes.isTied ? 1 : 2) * headBytes - routedBytes,
    expertBytes: card.experts ? (routedBytes * card.experts.perToken) / card.experts.count : 0,
    allExpertBytes: routedBytes,
    headBytes,
    expertWeightsPerByte: 1 / bytesPerWeight(card),
    plainWeightsPerByte: 1 / plainWeightBytes,
    kvBytesPerToken: tokenBytes * (layers - windowLayers),
    windowKvBytesPerToken: tokenBytes * windowLayers,
    windowTokens: slidingLayers?.windowTokens ?? 0,
    pairFlops: layerPairFlops * (layers - windowLayers),
    windowPairFlops: layerPairFlops * windowLayers,
    isKvReplicated: kvLatentDim !== undefined,
  }
}

/** Bytes of all experts among which tokens choose; 0 if the model has none or does not state their number. */
function routedExpertBytes(card: ModelCard, layersBytes: number): number {
  const { experts, expertWidth, hiddenSize, layers, denseLayers } = card
  if (!experts || expertWidth === undefined) return 0
  const weights = (layers - (denseLayers?.count ?? 0)) * experts.count * MLP_MATRICES * hiddenSize * expertWidth
  return Math.min(weights * bytesPerWeight(card), layersBytes * 0.98)
}

/**
 * Builds with experts in a microscaling format, such as MXFP4, keep all else in another format, which a card does not name. Its size tells:
 * what the experts leave, divided by the weights of attention, embedding and head.
 */
function bytesPerPlainWeight(card: ModelCard, routedBytes: number): number {
  const { layers, hiddenSize, attentionHeads, kvHeads, headDim, vocabSize, quantization, weightBytes } = card
  const isOfOneFormat = (quantization?.mode ?? 'affine') === 'affine' || routedBytes === 0
  if (isOfOneFormat || card.kvLatentDim !== undefined || card.denseLayers) return bytesPerWeight(card)
  const attention = layers * hiddenSize * headDim * 2 * (attentionHeads + kvHeads)
  const tables = (card.tiedEmbeddings ? 1 : 2) * vocabSize * hiddenSize
  return Math.min(Math.max((weightBytes - routedBytes) / (attention + tables), bytesPerWeight(card)), 2)
}

/** Bytes of keys and values that one more token reads at this length of the context. */
export function kvBytesAt(work: ModelWork, contextTokens: number): number {
  return work.kvBytesPerToken * contextTokens + work.windowKvBytesPerToken * Math.min(contextTokens, work.windowTokens)
}

/** Operations of attention for a prompt of this length: each token sees those before it. */
export function promptAttentionFlops(work: ModelWork, tokens: number): number {
  const seenInWindow = Math.min(tokens, work.windowTokens)
  return (tokens * (work.pairFlops * tokens)) / 2 + work.windowPairFlops * seenInWindow * (tokens - seenInWindow / 2)
}
