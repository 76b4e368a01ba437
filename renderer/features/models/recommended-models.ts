import { fitOf, type ClusterMemory, preferredVariant } from './model-fit.ts'
import type { ModelGroup, ModelVariant } from './model-groups.ts'

export const USES = ['chat', 'code', 'reasoning', 'speed'] as const
export type Use = (typeof USES)[number]

/** The catalogue's models by what they are good at, the best first. Names are without the quantization. */
const BEST: Readonly<Record<Use, readonly string[]>> = {
  chat: [
    'kimi-k2.6',
    'glm-5.1',
    'deepseek-v3.2',
    'qwen3.5-397b-a17b',
    'glm-4.7',
    'qwen3.5-122b-a10b',
    'gpt-oss-120b',
    'qwen3-next-80b-a3b-instruct',
    'qwen3.6-35b-a3b',
    'gemma-4-31b-it',
    'gemma-4-26b-a4b-it',
    'qwen3.5-9b',
    'qwen3-8b',
    'gemma-4-e4b-it',
    'qwen3-4b-instruct-2507',
    'gemma-4-e2b-it',
    'llama-3.2-3b-instruct',
    'qwen3-1.7b',
    'qwen3-0.6b',
  ],
  code: [
    'kimi-k2.7-code',
    'glm-5.1',
    'minimax-m2.7',
    'qwen3.5-122b-a10b',
    'qwen3-coder-next',
    'gpt-oss-120b',
    'qwen3.6-27b',
    'glm-4.7-flash',
    'qwen3-30b-a3b-instruct-2507',
    'gpt-oss-20b',
    'qwen3.5-9b',
    'qwen3-8b',
    'qwen3-4b-instruct-2507',
    'qwen3-1.7b',
  ],
  reasoning: [
    'kimi-k2-thinking',
    'deepseek-v3.2',
    'glm-5.1',
    'minimax-m2.7',
    'qwen3.5-122b-a10b',
    'gpt-oss-120b',
    'qwen3-next-80b-a3b-thinking',
    'qwen3.6-27b',
    'glm-4.7-flash',
    'gpt-oss-20b',
    'qwen3.5-9b',
    'qwen3-8b',
    'qwen3-4b',
    'qwen3-1.7b',
    'qwen3-0.6b',
  ],
  speed: [
    'qwen3.6-35b-a3b',
    'gemma-4-26b-a4b-it',
    'gpt-oss-20b',
    'gemma-4-e4b-it',
    'qwen3-4b-instruct-2507',
    'gemma-4-e2b-it',
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
