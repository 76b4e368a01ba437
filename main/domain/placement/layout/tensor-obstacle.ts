import type { ModelCard } from '../../../shared/models/model-card.ts'

/** Why a model cannot be split in tensor parallel over this many ranks: the width that is not divisible; null if it can. */
export function tensorObstacle(card: ModelCard, worldSize: number): string | null {
  if (!card.strategies.includes('tensor')) return `${card.modelId} has no tensor-parallel form`
  const widths: [name: string, width: number | undefined][] = [
    ['attention heads', card.attentionHeads],
    ['kv heads', card.kvLatentDim === undefined ? card.kvHeads : undefined],
    ['hidden size', card.hiddenSize],
    ['MLP width', card.intermediateSize],
    ['expert width', card.expertWidth],
  ]
  for (const [name, width] of widths) {
    if (width !== undefined && width % worldSize !== 0) return `${name} (${width}) not divisible by ${worldSize}`
  }
  if (!card.quantization) return null
  const { groupSize } = card.quantization
  const inputs: [name: string, width: number | undefined][] = [
    ['attention output', (card.attentionHeads * card.headDim) / worldSize],
    ['MLP width', card.intermediateSize && card.intermediateSize / worldSize],
  ]
  for (const [name, width] of inputs) {
    if (width !== undefined && width % groupSize !== 0) return `${name} per rank (${width}) cuts a quantization group of ${groupSize}`
  }
  return null
}
