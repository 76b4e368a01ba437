import type { ModelCard } from '../../shared/models/model-card.ts'

/** What a model's name says about its quantization. */
const QUANTIZATION = /[-_](?:mlx[-_])?(?:\d+(?:\.\d+)?[-_]?bit|bf16|fp16|f16|mxfp[48](?:[-_]q\d)?|q\d(?:[-_]\w+)?|gs\d+)(?=[-_]|$)/gi

/** A model's name without its owner and its quantization. */
function baseName(modelId: string): string {
  return modelId
    .slice(modelId.lastIndexOf('/') + 1)
    .replace(QUANTIZATION, '')
    .toLowerCase()
}

/** A model, followed by the other quantizations of it in the catalogue, most bits first. */
export function quantizationsOf(card: ModelCard, catalogue: readonly ModelCard[]): ModelCard[] {
  const base = baseName(card.modelId)
  const others = catalogue.filter((each) => each.modelId !== card.modelId && each.family === card.family && baseName(each.modelId) === base)
  return [card, ...others.sort((a, b) => b.weightBytes - a.weightBytes)]
}
