import type { ExpertsDescription } from './feed-forward.ts'
import { plainRouter, SINGLE_EXPERTS } from './router.ts'

interface Config {
  readonly num_experts: number
  readonly num_experts_per_tok: number
  readonly norm_topk_prob: boolean
}

/** Experts as Qwen 3 names and routes them. @param width - of one expert */
export function qwenExperts(config: Config, width: number): ExpertsDescription {
  return {
    count: config.num_experts,
    width,
    hasBias: false,
    router: plainRouter('mlp.gate', config.num_experts_per_tok, { isNormalized: config.norm_topk_prob }),
    stack: 'mlp.switch_mlp',
    single: SINGLE_EXPERTS,
  }
}
