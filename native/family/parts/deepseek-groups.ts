import { planRope } from '../../plan/rope-plan.ts'
import { type RopeConfig, ropeOf } from './rope-settings.ts'
import type { TokenGroupsDescription } from './token-groups.ts'

/** What the configs of DeepSeek V4 and V4.1 call alike. */
export interface DeepseekGroupsConfig extends RopeConfig {
  readonly q_lora_rank: number
  readonly o_lora_rank: number
  readonly o_groups: number
  readonly qk_rope_head_dim: number
  readonly compress_rope_theta: number
  readonly index_n_heads: number
  readonly index_head_dim: number
  readonly index_topk: number
}

/** The sizes of the attention to token groups, and its rotation. */
export function deepseekGroups(
  config: DeepseekGroupsConfig,
): Pick<TokenGroupsDescription, 'queryDim' | 'outputDim' | 'outputGroups' | 'rope' | 'index' | 'chosen'> {
  const { scaling } = ropeOf(config, 10_000)
  return {
    queryDim: config.q_lora_rank,
    outputDim: config.o_lora_rank,
    outputGroups: config.o_groups,
    rope: planRope({
      theta: config.compress_rope_theta,
      // Only the frequencies are those of YaRN.
      scaling: scaling && { factor: 1, ...scaling, rope_type: 'yarn', type: 'yarn', attention_factor: 1 },
      dims: config.qk_rope_head_dim,
      isInterleaved: true,
    }),
    index: { heads: config.index_n_heads, dim: config.index_head_dim },
    chosen: config.index_topk,
  }
}
