import { z } from 'zod'
import type { DeltaNetDescription } from './delta-net.ts'

const Size = z.int().min(1)

/** The keys of config.json for delta nets. */
export const DeltaNetConfig = z.object({
  linear_num_value_heads: Size,
  linear_num_key_heads: Size,
  linear_key_head_dim: Size,
  linear_value_head_dim: Size,
  linear_conv_kernel_dim: z.int().min(2),
  full_attention_interval: Size.default(4),
})
type Config = z.infer<typeof DeltaNetConfig> & { readonly num_hidden_layers: number; readonly rms_norm_eps: number }

/** Describes a contradiction between the keys; null: none. */
export function deltaNetContradiction({ linear_num_value_heads: values, linear_num_key_heads: keys }: Config): string | null {
  return values % keys === 0 ? null : `linear_num_key_heads (${keys}) does not divide linear_num_value_heads (${values})`
}

/** Shape [layers]; null: a layer with attention, the last one of each interval. */
export function describeDeltaNets(config: Config, isByKeyHead: boolean): (DeltaNetDescription | null)[] {
  const deltaNet: DeltaNetDescription = {
    kind: 'delta-net',
    keyHeads: config.linear_num_key_heads,
    valueHeads: config.linear_num_value_heads,
    keyDim: config.linear_key_head_dim,
    valueDim: config.linear_value_head_dim,
    kernel: config.linear_conv_kernel_dim,
    normEpsilon: config.rms_norm_eps,
    module: 'linear_attn',
    isByKeyHead,
  }
  return Array.from({ length: config.num_hidden_layers }, (_, layer) =>
    (layer + 1) % config.full_attention_interval === 0 ? null : deltaNet,
  )
}
