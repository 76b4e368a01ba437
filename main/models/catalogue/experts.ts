import { z } from 'zod'
import type { ModelCard } from '../../shared/models/model-card.ts'

const Count = z.int().min(1).nullish()
/** The names that families use for the two counts. */
const Config = z.object({
  num_local_experts: Count,
  num_experts: Count,
  n_routed_experts: Count,
  moe_num_experts: Count,
  num_experts_per_tok: Count,
  num_experts_per_token: Count,
  top_k_experts: Count,
  moe_top_k: Count,
  moe_k: Count,
})

/** How many experts a layer has, and how many of them a token uses; undefined if the layers have none or the counts contradict. */
export function expertsOf(config: unknown): ModelCard['experts'] {
  const parsed = Config.safeParse(config)
  if (!parsed.success) return undefined
  const { data } = parsed
  const count = data.num_local_experts ?? data.num_experts ?? data.n_routed_experts ?? data.moe_num_experts
  const perToken = data.num_experts_per_tok ?? data.num_experts_per_token ?? data.top_k_experts ?? data.moe_top_k ?? data.moe_k
  return count == null || perToken == null || perToken > count || count === 1 ? undefined : { count, perToken }
}
