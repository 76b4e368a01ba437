import { gated, type FeedForwardDescription } from './feed-forward.ts'
import { qwenExperts } from './qwen-experts.ts'

interface Config {
  readonly num_experts: number
  readonly num_experts_per_tok: number
  readonly moe_intermediate_size: number
  readonly shared_expert_intermediate_size: number
  readonly norm_topk_prob: boolean
}

/** Qwen's experts with a shared expert whose weight depends on the token. */
export function describeSharedExpert(config: Config): FeedForwardDescription {
  return {
    activation: 'silu',
    always: gated('mlp.shared_expert', config.shared_expert_intermediate_size),
    alwaysGate: 'mlp.shared_expert_gate',
    experts: qwenExperts(config, config.moe_intermediate_size),
  }
}
