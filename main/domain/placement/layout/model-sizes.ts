import { MAX_BATCH } from '../../../shared/inference/most-generations.ts'
import type { ModelCard } from '../../../shared/models/model-card.ts'
import { METAL_KV_ELEMENT_BYTES } from '../kv/kv-element-bytes.ts'

const UNQUANTIZED_BYTES = 2
/** Tokens that a layer with a window keeps in addition to it: a prompt chunk, whole pages, and tokens that a draft may take back. */
const BESIDE_WINDOW_TOKENS = 672

/** The sizes of a model's parts in bytes. */
export interface ModelSizes {
  readonly layers: number
  /** All layers together, without embedding and head. */
  readonly layersBytes: number
  /** The first layers, each of which weighs `weightRatio` times as much as one of the others. */
  readonly denseLayers: { readonly count: number; readonly weightRatio: number }
  /** Held together with the first layer. */
  readonly embeddingBytes: number
  /** Held together with the last layer. */
  readonly headBytes: number
  /** Embedding and head are one tensor, which a node stores only once. */
  readonly isTied: boolean
  /**
   * KV cache of one layer for the whole context: the average of layers that see all of it, of layers with a window and of layers that
   * keep a state, for as many sequences as run at once, in its place.
   */
  readonly kvBytesPerLayer: number
  /** Other memory of rank 0: its draft model. */
  readonly besideBytes: number
  /** Each tensor-parallel rank keeps all of it, because latents serve all heads. */
  readonly isKvReplicated: boolean
}

/**
 * Splits a card's `weightBytes` into the sizes of each layer and of both ends of the model, for sequences of
 * `contextTokens`.
 *
 * @param kvElementBytes - bytes per number of the KV cache, depending on the engine
 * @param besideBytes - memory that rank 0 needs besides the model
 */
export function modelSizes(card: ModelCard, contextTokens: number, kvElementBytes = METAL_KV_ELEMENT_BYTES, besideBytes = 0): ModelSizes {
  const isTied = card.tiedEmbeddings ?? false
  const tableBytes = Math.min(Math.ceil(card.vocabSize * card.hiddenSize * bytesPerWeight(card)), Math.floor(card.weightBytes / 3))
  return {
    layers: card.layers,
    layersBytes: card.weightBytes - (isTied ? 1 : 2) * tableBytes,
    denseLayers: card.denseLayers ?? { count: 0, weightRatio: 1 },
    embeddingBytes: tableBytes,
    headBytes: tableBytes,
    isTied,
    kvBytesPerLayer: kvBytesPerLayer(card, contextTokens, kvElementBytes),
    besideBytes,
    isKvReplicated: card.kvLatentDim !== undefined,
  }
}

function kvBytesPerLayer(card: ModelCard, contextTokens: number, kvElementBytes: number): number {
  const { count, sequenceBytes } = card.stateLayers ?? { count: 0, sequenceBytes: 0 }
  const numbers = keptNumbers(card, Math.max(card.layers - count, 0), contextTokens)
  return Math.ceil((numbers * kvElementBytes + sequenceBytes * MAX_BATCH) / card.layers)
}

/** Numbers that layers store of a sequence, summed over these layers. */
function keptNumbers(card: ModelCard, layers: number, contextTokens: number): number {
  const ofToken = card.kvLatentDim ?? 2 * card.kvHeads * card.headDim
  const { count, windowTokens } = card.slidingLayers ?? { count: 0, windowTokens: 0 }
  const sliding = Math.min(count, layers)
  const windowed = Math.min(contextTokens, windowTokens + BESIDE_WINDOW_TOKENS)
  return (layers - sliding) * contextTokens * (card.fullLayerNumbers ?? ofToken) + sliding * windowed * ofToken
}

/** Bytes per weight. Quantized weights include the 16-bit scale and bias of each group (microscaling formats: one 8-bit scale). */
export function bytesPerWeight(card: ModelCard): number {
  if (!card.quantization) return UNQUANTIZED_BYTES
  const { bits, groupSize, mode } = card.quantization
  const bytesPerGroup = mode === undefined || mode === 'affine' ? 4 : 1
  return bits / 8 + bytesPerGroup / groupSize
}

/** The ends of the model that a shard holds. */
export interface ShardEnds {
  readonly isFirst: boolean
  readonly isLast: boolean
}

/** Bytes of embedding and head at the ends that a shard holds. */
export function endBytes(sizes: ModelSizes, { isFirst, isLast }: ShardEnds): number {
  if (isFirst && isLast) return sizes.embeddingBytes + (sizes.isTied ? 0 : sizes.headBytes)
  return (isFirst ? sizes.embeddingBytes : 0) + (isLast ? sizes.headBytes : 0)
}

/** Weight of the first `layer` layers, in units of one layer with experts. */
function weightUpTo({ denseLayers: { count, weightRatio } }: ModelSizes, layer: number): number {
  const dense = Math.min(layer, count)
  return layer - dense + dense * weightRatio
}

/** The maximum size of one more layer, weights and KV cache. */
export function bytesPerLayer(sizes: ModelSizes): number {
  return (
    Math.ceil((sizes.layersBytes * Math.max(1, sizes.denseLayers.weightRatio)) / weightUpTo(sizes, sizes.layers)) + sizes.kvBytesPerLayer
  )
}

/**
 * The work of the head, counted in layers, by which the stages of a pipeline are balanced. A generated token reads all of its weights, as
 * it does those of a layer, but of a prompt only the last token needs it. Half of it is a balance that is good for both.
 */
export function pacedHeadLayers(sizes: ModelSizes): number {
  return (sizes.headBytes * sizes.layers) / sizes.layersBytes / 2
}

/** Weights of a range of layers; over all ranges they add up to `layersBytes`. */
export function layerRangeBytes(sizes: ModelSizes, start: number, end: number): number {
  const all = weightUpTo(sizes, sizes.layers)
  const before = (layer: number): number =>
    layer === sizes.layers ? sizes.layersBytes : Math.floor((sizes.layersBytes * weightUpTo(sizes, layer)) / all)
  return before(end) - before(start)
}

/** The memory of the whole model on one node, and of its draft. */
export function wholeModelBytes(sizes: ModelSizes): number {
  return endBytes(sizes, { isFirst: true, isLast: true }) + sizes.layersBytes + sizes.layers * sizes.kvBytesPerLayer + sizes.besideBytes
}
