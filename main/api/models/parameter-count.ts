import type { ModelCard } from '../../shared/models/model-card.ts'

type Sizes = Pick<
  ModelCard,
  | 'weightBytes'
  | 'quantization'
  | 'layers'
  | 'hiddenSize'
  | 'attentionHeads'
  | 'kvHeads'
  | 'headDim'
  | 'vocabSize'
  | 'intermediateSize'
  | 'expertWidth'
  | 'kvLatentDim'
  | 'tiedEmbeddings'
>

/** Bits per weight: 16 if not quantized. Each group of quantized weights has a scale and a bias of 16 bits. */
function bitsPerWeight({ quantization }: Pick<ModelCard, 'quantization'>): number {
  return quantization ? quantization.bits + 32 / quantization.groupSize : 16
}

/** The approximate number of weights: from the model's shape if it is a plain decoder, otherwise from the size of its files. */
export function parameterCount(card: Sizes): number {
  const { layers, hiddenSize, attentionHeads, kvHeads, headDim, vocabSize, intermediateSize, expertWidth, kvLatentDim, tiedEmbeddings } =
    card
  if (intermediateSize === undefined || expertWidth !== undefined || kvLatentDim !== undefined)
    return Math.round((card.weightBytes * 8) / bitsPerWeight(card))
  const attention = 2 * hiddenSize * headDim * (attentionHeads + kvHeads)
  return layers * (attention + 3 * hiddenSize * intermediateSize) + vocabSize * hiddenSize * (tiedEmbeddings === true ? 1 : 2)
}

/** A count as commonly written: 134.5M, 8.0B. */
export function formatParameterCount(count: number): string {
  const [divisor, unit] =
    (
      [
        [1e12, 'T'],
        [1e9, 'B'],
        [1e6, 'M'],
        [1e3, 'K'],
      ] as const
    ).find(([least]) => count >= least) ?? ([1, ''] as const)
  return unit === '' ? String(count) : `${(count / divisor).toFixed(1)}${unit}`
}
