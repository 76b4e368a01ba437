import type { ModelCard } from '../shared/model-card.ts'

/** Of 16 bits each where they are not quantized; groups of quantized weights have a scale and a bias of 16 bits. */
function bitsPerWeight({ quantization }: Pick<ModelCard, 'quantization'>): number {
  return quantization ? quantization.bits + 32 / quantization.groupSize : 16
}

/** About how many weights a model has, by the size of its files. */
export function parameterCount(card: Pick<ModelCard, 'weightBytes' | 'quantization'>): number {
  return Math.round((card.weightBytes * 8) / bitsPerWeight(card))
}

/** 134.5M, 8.0B: as people say it. */
export function formatCount(count: number): string {
  const [divisor, unit] = ([[1e12, 'T'], [1e9, 'B'], [1e6, 'M'], [1e3, 'K']] as const).find(([least]) => count >= least) ?? ([1, ''] as const)
  return unit === '' ? String(count) : `${(count / divisor).toFixed(1)}${unit}`
}
