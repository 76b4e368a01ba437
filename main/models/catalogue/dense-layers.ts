import { z } from 'zod'
import type { ModelCard } from '../../shared/models/model-card.ts'

const Size = z.int().min(1)
/** The fields of config.json that give the sizes of layers with and without experts. */
const Config = z.object({
  first_k_dense_replace: Size,
  hidden_size: Size,
  intermediate_size: Size,
  moe_intermediate_size: Size,
  n_routed_experts: Size,
  n_shared_experts: z.int().min(0).nullish(),
  num_hidden_layers: Size,
  num_attention_heads: Size,
  num_key_value_heads: Size.nullish(),
  head_dim: Size.nullish(),
  q_lora_rank: Size.nullish(),
  kv_lora_rank: Size.nullish(),
  qk_nope_head_dim: Size.nullish(),
  qk_rope_head_dim: Size.nullish(),
  v_head_dim: Size.nullish(),
})
type Config = z.infer<typeof Config>

/** The first layers of a mixture of experts that have no experts, with their share of the weights; undefined if all layers are alike. */
export function denseLayersOf(config: unknown): ModelCard['denseLayers'] {
  const parsed = Config.safeParse(config)
  if (!parsed.success || parsed.data.first_k_dense_replace >= parsed.data.num_hidden_layers) return undefined
  const { data } = parsed
  const attention = attentionWeights(data)
  const mlp = (width: number) => 3 * data.hidden_size * width
  const experts =
    mlp(data.moe_intermediate_size * (data.n_routed_experts + (data.n_shared_experts ?? 0))) + data.n_routed_experts * data.hidden_size
  return { count: data.first_k_dense_replace, weightRatio: (attention + mlp(data.intermediate_size)) / (attention + experts) }
}

function attentionWeights(config: Config): number {
  const { hidden_size: hidden, num_attention_heads: heads } = config
  if (config.kv_lora_rank == null) return 2 * hidden * (heads + (config.num_key_value_heads ?? heads)) * (config.head_dim ?? hidden / heads)
  const [plain, turned, value] = [config.qk_nope_head_dim ?? 0, config.qk_rope_head_dim ?? 0, config.v_head_dim ?? 0]
  const queries = config.q_lora_rank == null ? hidden * heads * (plain + turned) : config.q_lora_rank * (hidden + heads * (plain + turned))
  return queries + hidden * (config.kv_lora_rank + turned) + config.kv_lora_rank * heads * (plain + value) + heads * value * hidden
}
