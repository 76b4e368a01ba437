import { z } from 'zod'
import type { ModelCard } from '../../shared/models/model-card.ts'

const Size = z.int().min(1)
const Config = z.object({
  num_attention_heads: Size,
  num_key_value_heads: Size.nullish(),
  head_dim: Size.nullish(),
  global_head_dim: z.int().min(0).nullish(),
  num_global_key_value_heads: Size.nullish(),
  attention_k_eq_v: z.boolean().nullish(),
  index_head_dim: Size.nullish(),
  index_block_size: Size.nullish(),
  sparse_attention_config: z.object({ sparse_block_size: Size.nullish() }).nullish(),
})
type Config = z.infer<typeof Config>

const GEMMA4_GLOBAL_HEAD = 512

function gemma4(config: Config): number | undefined {
  const headDim = (config.global_head_dim ?? GEMMA4_GLOBAL_HEAD) || config.head_dim
  const kvHeads = (config.attention_k_eq_v ? config.num_global_key_value_heads : null) ?? config.num_key_value_heads
  return headDim && kvHeads ? 2 * kvHeads * headDim : undefined
}

/** The keys of the index of blocks are stored as one more head of keys. */
function minimaxM3({ head_dim: headDim, num_key_value_heads: kvHeads, ...config }: Config): number | undefined {
  const hasIndex = (config.sparse_attention_config?.sparse_block_size ?? config.index_block_size) != null
  return hasIndex && headDim && kvHeads ? (2 * kvHeads + 1) * headDim : undefined
}

/** The key of a group and that of its index have the place of the group's last token. */
function deepseekGroups({ head_dim: headDim, index_head_dim: index }: Config): number {
  return (headDim ?? 512) + (index ?? 128)
}

const FAMILIES: Readonly<Record<string, (config: Config) => number | undefined>> = {
  deepseek_v4: deepseekGroups,
  deepseek_v41: deepseekGroups,
  gemma4,
  gemma4_text: gemma4,
  minimax_m3: minimaxM3,
  minimax_m3_vl: minimaxM3,
}

/** The numbers that layers without a window store per token; undefined where the heads of the card say it. */
export function fullLayerNumbersOf(family: string, config: unknown): ModelCard['fullLayerNumbers'] {
  const parsed = Config.safeParse(config)
  return parsed.success ? FAMILIES[family]?.(parsed.data) : undefined
}
