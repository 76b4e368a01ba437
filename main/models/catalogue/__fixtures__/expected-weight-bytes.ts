import type { ModelCard } from '../../../shared/models/model-card.ts'

/** The fields of a mixture-of-experts config.json that its card does not hold. */
interface Mixture {
  readonly models: RegExp
  readonly experts: number
  readonly expertWidth: number
  /** Combined width of the shared experts, which process every token; 0: none. */
  readonly sharedWidth: number
  /** The first layers have a single MLP of this width instead of experts. */
  readonly denseLayers: number
  readonly denseWidth: number
}

const noDense = { sharedWidth: 0, denseLayers: 0, denseWidth: 0 }

const MIXTURES: readonly Mixture[] = [
  { models: /Mixtral-8x7B/, experts: 8, expertWidth: 14336, ...noDense },
  { models: /Mixtral-8x22B/, experts: 8, expertWidth: 16384, ...noDense },
  { models: /Qwen3-(Coder-)?30B/, experts: 128, expertWidth: 768, ...noDense },
  { models: /Qwen3-235B/, experts: 128, expertWidth: 1536, ...noDense },
  { models: /Qwen3-Coder-480B/, experts: 160, expertWidth: 2560, ...noDense },
  { models: /gpt-oss-20b/, experts: 32, expertWidth: 2880, ...noDense },
  { models: /gpt-oss-120b/, experts: 128, expertWidth: 2880, ...noDense },
  { models: /GLM-4\.5-Air/, experts: 128, expertWidth: 1408, sharedWidth: 1408, denseLayers: 1, denseWidth: 10944 },
  { models: /GLM-4\.[567]-\dbit/, experts: 160, expertWidth: 1536, sharedWidth: 1536, denseLayers: 3, denseWidth: 12288 },
  { models: /MiniMax-M2/, experts: 256, expertWidth: 1536, ...noDense },
  { models: /DeepSeek-(R1|V3)/i, experts: 256, expertWidth: 2048, sharedWidth: 2048, denseLayers: 3, denseWidth: 18432 },
  { models: /Kimi-K2/, experts: 384, expertWidth: 2048, sharedWidth: 2048, denseLayers: 1, denseWidth: 18432 },
]

/** Sizes of multi-head latent attention in DeepSeek V3. */
const LATENT = { queryRank: 1536, keyValueRank: 512, rotaryDim: 64, plainDim: 128, valueDim: 128 }

/** Size of one matrix as MLX quantizes it: packed weights plus a 16-bit scale and bias per group. */
const matrixBytes = (weights: number, bits: number, groupSize: number): number => (weights * bits) / 8 + (weights / groupSize) * 4
/** Size of one matrix in the microscaling format: 4 bits per weight, one scale byte per 32 weights. */
const microscaledBytes = (weights: number): number => weights / 2 + weights / 32

/** The total size of all matrices of a quantized model. Norms and biases, a few thousandths of it, are left out. */
export function expectedWeightBytes(card: ModelCard): number {
  const { hiddenSize, attentionHeads, kvHeads, headDim, layers, vocabSize } = card
  const isMicroscaled = card.quantization?.mode === 'mxfp4'
  // The name shows whether other parts are quantized differently from the experts.
  const restBits = /-Q(\d)$/.exec(card.modelId)?.[1]
  const bits = isMicroscaled ? Number(restBits) : (card.quantization?.bits ?? 16)
  const groupSize = isMicroscaled ? 64 : (card.quantization?.groupSize ?? Infinity)
  const bytes = (weights: number): number =>
    isMicroscaled && restBits === undefined ? microscaledBytes(weights) : matrixBytes(weights, bits, groupSize)
  const mlp = (width: number): number => 3 * hiddenSize * width
  const mixture = card.intermediateSize === undefined ? MIXTURES.find(({ models }) => models.test(card.modelId)) : undefined
  const attention = ['deepseek_v3', 'kimi_k2'].includes(card.family)
    ? latentAttention(card)
    : 2 * hiddenSize * (attentionHeads + kvHeads) * headDim
  const tables = (card.tiedEmbeddings === true ? 1 : 2) * vocabSize * hiddenSize
  const outsideMlp = bytes(tables + layers * attention)
  if (!mixture) return outsideMlp + layers * bytes(mlp(card.intermediateSize ?? 0))
  const experts = mixture.experts * mlp(mixture.expertWidth)
  const expertLayers = layers - mixture.denseLayers
  return (
    outsideMlp +
    expertLayers * ((isMicroscaled ? microscaledBytes(experts) : bytes(experts)) + bytes(mlp(mixture.sharedWidth))) +
    mixture.denseLayers * bytes(mlp(mixture.denseWidth))
  )
}

/** Number of weights in one layer's attention. */
function latentAttention({ hiddenSize, attentionHeads }: ModelCard): number {
  const { queryRank, keyValueRank, rotaryDim, plainDim, valueDim } = LATENT
  const queries = hiddenSize * queryRank + queryRank * attentionHeads * (plainDim + rotaryDim)
  const keysAndValues = hiddenSize * (keyValueRank + rotaryDim) + keyValueRank * attentionHeads * (plainDim + valueDim)
  return queries + keysAndValues + attentionHeads * valueDim * hiddenSize
}
