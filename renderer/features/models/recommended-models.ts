import { fitOf, type ClusterMemory, preferredVariant } from './model-fit.ts'
import type { ModelGroup, ModelVariant } from './model-groups.ts'

export const USES = ['chat', 'code', 'reasoning', 'speed'] as const
export type Use = (typeof USES)[number]

/** The catalogue's models by what they are good at, the best first. Names are without the quantization. */
const BEST: Readonly<Record<Use, readonly string[]>> = {
  chat: [
    'kimi-k2-instruct',
    'deepseek-v3.1',
    'glm-4.6',
    'qwen3-235b-a22b-instruct-2507',
    'gpt-oss-120b',
    'llama-3.3-70b-instruct',
    'qwen3-30b-a3b-instruct-2507',
    'gemma-3-text-27b-it',
    'qwen3-14b',
    'gemma-3-text-12b-it',
    'qwen3-8b',
    'qwen3-4b-instruct-2507',
    'llama-3.2-3b-instruct',
    'qwen3-1.7b',
    'qwen3-0.6b',
  ],
  code: [
    'glm-4.7',
    'minimax-m2.7',
    'glm-4.5-air',
    'gpt-oss-120b',
    'qwen2.5-coder-32b-instruct',
    'qwen3-30b-a3b-instruct-2507',
    'gpt-oss-20b',
    'qwen3-14b',
    'qwen3-8b',
    'qwen3-4b-instruct-2507',
    'qwen3-1.7b',
  ],
  reasoning: [
    'deepseek-r1-0528',
    'glm-4.7',
    'minimax-m2.7',
    'gpt-oss-120b',
    'deepseek-r1-distill-llama-70b',
    'qwen3-32b',
    'qwen3-30b-a3b',
    'gpt-oss-20b',
    'qwen3-14b',
    'qwen3-8b',
    'qwen3-4b',
    'qwen3-1.7b',
    'qwen3-0.6b',
  ],
  speed: [
    'qwen3-30b-a3b-instruct-2507',
    'gpt-oss-20b',
    'qwen3-4b-instruct-2507',
    'llama-3.2-3b-instruct',
    'qwen3-1.7b',
    'llama-3.2-1b-instruct',
    'qwen3-0.6b',
  ],
}

const ORDER = [...new Set(USES.flatMap((use) => BEST[use]))]
const baseOf = ({ key }: ModelGroup): string => key.slice(key.lastIndexOf('/') + 1)

/** A lower rank is better; a model that is not listed comes after all that are. */
export function recommendationRank(group: ModelGroup): number {
  const index = ORDER.indexOf(baseOf(group))
  return index === -1 ? ORDER.length : index
}

export interface BestModel {
  readonly use: Use
  readonly name: string
  readonly variant: ModelVariant
}

/** For each use, the best model that fits into the free memory now. A use without one is left out. */
export function bestModels(groups: readonly ModelGroup[], memory: ClusterMemory): BestModel[] {
  return USES.flatMap((use) => {
    for (const base of BEST[use]) {
      const group = groups.find((candidate) => baseOf(candidate) === base)
      const variant = group && preferredVariant(group.variants, memory)
      if (group && variant && (variant.loaded || fitOf(variant.card?.weightBytes, memory) === 'fits'))
        return { use, name: group.name, variant }
    }
    return []
  })
}
