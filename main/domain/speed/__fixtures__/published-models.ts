import { ModelCard } from '../../../shared/models/model-card.ts'

/** The shape of a model, as its config.json on the Hugging Face hub has it, and its number of weights. */
interface Shape {
  readonly weights: number
  readonly layers: number
  readonly hiddenSize: number
  readonly heads: number
  readonly kvHeads: number
  readonly headDim: number
  readonly vocabSize: number
  readonly isTied?: true
  readonly kvLatentDim?: number
  readonly experts?: { readonly count: number; readonly perToken: number; readonly width: number; readonly denseLayers?: number }
  readonly slidingLayers?: { readonly count: number; readonly windowTokens: number }
}

const SHAPES = {
  'Llama 2 7B': { weights: 6.74e9, layers: 32, hiddenSize: 4096, heads: 32, kvHeads: 32, headDim: 128, vocabSize: 32_000 },
  'Llama 2 13B': { weights: 13.02e9, layers: 40, hiddenSize: 5120, heads: 40, kvHeads: 40, headDim: 128, vocabSize: 32_000 },
  'Llama 2 70B': { weights: 68.98e9, layers: 80, hiddenSize: 8192, heads: 64, kvHeads: 8, headDim: 128, vocabSize: 32_000 },
  'TinyLlama 1.1B': { weights: 1.1e9, layers: 22, hiddenSize: 2048, heads: 32, kvHeads: 4, headDim: 64, vocabSize: 32_000 },
  'Llama 3.1 8B': { weights: 8.03e9, layers: 32, hiddenSize: 4096, heads: 32, kvHeads: 8, headDim: 128, vocabSize: 128_256 },
  'Llama 3.3 70B': { weights: 70.55e9, layers: 80, hiddenSize: 8192, heads: 64, kvHeads: 8, headDim: 128, vocabSize: 128_256 },
  'Llama 3.2 1B': { weights: 1.24e9, layers: 16, hiddenSize: 2048, heads: 32, kvHeads: 8, headDim: 64, vocabSize: 128_256, isTied: true },
  'Llama 3.2 3B': { weights: 3.21e9, layers: 28, hiddenSize: 3072, heads: 24, kvHeads: 8, headDim: 128, vocabSize: 128_256, isTied: true },
  'Mistral 7B': { weights: 7.25e9, layers: 32, hiddenSize: 4096, heads: 32, kvHeads: 8, headDim: 128, vocabSize: 32_768 },
  'Mistral Nemo 12B': { weights: 12.25e9, layers: 40, hiddenSize: 5120, heads: 32, kvHeads: 8, headDim: 128, vocabSize: 131_072 },
  'Mistral Small 24B': { weights: 23.57e9, layers: 40, hiddenSize: 5120, heads: 32, kvHeads: 8, headDim: 128, vocabSize: 131_072 },
  'Qwen 2.5 1.5B': { weights: 1.54e9, layers: 28, hiddenSize: 1536, heads: 12, kvHeads: 2, headDim: 128, vocabSize: 151_936, isTied: true },
  'Qwen 2.5 7B': { weights: 7.62e9, layers: 28, hiddenSize: 3584, heads: 28, kvHeads: 4, headDim: 128, vocabSize: 152_064 },
  'Qwen 2.5 14B': { weights: 14.77e9, layers: 48, hiddenSize: 5120, heads: 40, kvHeads: 8, headDim: 128, vocabSize: 152_064 },
  'Qwen 2.5 32B': { weights: 32.76e9, layers: 64, hiddenSize: 5120, heads: 40, kvHeads: 8, headDim: 128, vocabSize: 152_064 },
  'Qwen 3 0.6B': { weights: 0.596e9, layers: 28, hiddenSize: 1024, heads: 16, kvHeads: 8, headDim: 128, vocabSize: 151_936, isTied: true },
  'Qwen 3 8B': { weights: 8.19e9, layers: 36, hiddenSize: 4096, heads: 32, kvHeads: 8, headDim: 128, vocabSize: 151_936 },
  'Qwen 3 14B': { weights: 14.77e9, layers: 40, hiddenSize: 5120, heads: 40, kvHeads: 8, headDim: 128, vocabSize: 151_936 },
  'Phi 4 mini': { weights: 3.84e9, layers: 32, hiddenSize: 3072, heads: 24, kvHeads: 8, headDim: 128, vocabSize: 200_064, isTied: true },
  'Gemma 3 4B': {
    weights: 3.88e9,
    layers: 34,
    hiddenSize: 2560,
    heads: 8,
    kvHeads: 4,
    headDim: 256,
    vocabSize: 262_208,
    isTied: true,
    slidingLayers: { count: 29, windowTokens: 1024 },
  },
  'Gemma 3 27B': {
    weights: 27.01e9,
    layers: 62,
    hiddenSize: 5376,
    heads: 32,
    kvHeads: 16,
    headDim: 128,
    vocabSize: 262_208,
    isTied: true,
    slidingLayers: { count: 52, windowTokens: 1024 },
  },
  'Qwen 3 30B A3B': {
    weights: 30.53e9,
    layers: 48,
    hiddenSize: 2048,
    heads: 32,
    kvHeads: 4,
    headDim: 128,
    vocabSize: 151_936,
    experts: { count: 128, perToken: 8, width: 768 },
  },
  'Qwen 3 235B A22B': {
    weights: 235.1e9,
    layers: 94,
    hiddenSize: 4096,
    heads: 64,
    kvHeads: 4,
    headDim: 128,
    vocabSize: 151_936,
    experts: { count: 128, perToken: 8, width: 1536 },
  },
  'gpt-oss 20B': {
    weights: 20.91e9,
    layers: 24,
    hiddenSize: 2880,
    heads: 64,
    kvHeads: 8,
    headDim: 64,
    vocabSize: 201_088,
    experts: { count: 32, perToken: 4, width: 2880 },
    slidingLayers: { count: 12, windowTokens: 128 },
  },
  'gpt-oss 120B': {
    weights: 116.8e9,
    layers: 36,
    hiddenSize: 2880,
    heads: 64,
    kvHeads: 8,
    headDim: 64,
    vocabSize: 201_088,
    experts: { count: 128, perToken: 4, width: 2880 },
    slidingLayers: { count: 18, windowTokens: 128 },
  },
  'MiniMax M2.1': {
    weights: 228.7e9,
    layers: 62,
    hiddenSize: 3072,
    heads: 48,
    kvHeads: 8,
    headDim: 128,
    vocabSize: 200_064,
    experts: { count: 256, perToken: 8, width: 1536 },
  },
  'DeepSeek V3': {
    weights: 671e9,
    layers: 61,
    hiddenSize: 7168,
    heads: 128,
    kvHeads: 128,
    headDim: 128,
    vocabSize: 129_280,
    kvLatentDim: 576,
    experts: { count: 256, perToken: 8, width: 2048, denseLayers: 3 },
  },
  'Kimi K2': {
    weights: 1026e9,
    layers: 61,
    hiddenSize: 7168,
    heads: 64,
    kvHeads: 64,
    headDim: 128,
    vocabSize: 163_840,
    kvLatentDim: 576,
    experts: { count: 384, perToken: 8, width: 2048, denseLayers: 1 },
  },
  'GLM 5': {
    weights: 744e9,
    layers: 78,
    hiddenSize: 6144,
    heads: 64,
    kvHeads: 64,
    headDim: 256,
    vocabSize: 154_880,
    kvLatentDim: 576,
    experts: { count: 256, perToken: 8, width: 2048, denseLayers: 3 },
  },
} as const satisfies Record<string, Shape>
export type PublishedModel = keyof typeof SHAPES

/** Bits per weight in a file, with the scales of its groups. */
const QUANTIZATIONS = {
  Q4_0: 4.5,
  Q4_K_M: 4.85,
  Q8_0: 8.5,
  F16: 16,
  // The experts; all else in 8 bits, or in 4.
  'MXFP4 and Q8': 4.25,
  'MXFP4 and Q4': 4.25,
  MXFP8: 8.25,
  '3 bits': 3.5,
  '4 bits': 4.5,
  '6 bits': 6.5,
  '8 bits': 8.5,
} as const
export type PublishedQuantization = keyof typeof QUANTIZATIONS

/** The scale and the bias of a group of 64 weights. */
const SCALE_BITS = 0.5

export function publishedCard(model: PublishedModel, quantization: PublishedQuantization): ModelCard {
  const { weights, layers, hiddenSize, heads, kvHeads, headDim, vocabSize, isTied, kvLatentDim, experts, slidingLayers }: Shape =
    SHAPES[model]
  const bits = QUANTIZATIONS[quantization]
  const plainBits = { 'MXFP4 and Q8': 8.5, 'MXFP4 and Q4': 4.5 }[quantization as string]
  const routedWeights = experts ? (layers - (experts.denseLayers ?? 0)) * experts.count * 3 * hiddenSize * experts.width : 0
  const plainWeights = weights - routedWeights
  return ModelCard.parse({
    modelId: `published/${model.replaceAll(' ', '-')}`,
    family: 'llama',
    layers,
    hiddenSize,
    attentionHeads: heads,
    kvHeads,
    headDim,
    vocabSize,
    tiedEmbeddings: isTied ?? false,
    weightBytes: Math.round((plainBits === undefined ? weights * bits : routedWeights * bits + plainWeights * plainBits) / 8),
    quantization:
      bits === 16
        ? null
        : plainBits === undefined
          ? { bits: Math.min(8, bits - SCALE_BITS), groupSize: 64 }
          : { bits: 4, groupSize: 32, mode: 'mxfp4' },
    contextTokens: 131_072,
    ...(kvLatentDim && { kvLatentDim }),
    ...(slidingLayers && { slidingLayers }),
    ...(experts && { expertWidth: experts.width, experts: { count: experts.count, perToken: experts.perToken } }),
    ...(experts?.denseLayers && { denseLayers: { count: experts.denseLayers, weightRatio: 0.05 } }),
  })
}
