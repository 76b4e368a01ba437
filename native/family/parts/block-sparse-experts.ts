import type { FeedForwardDescription, RouterDescription } from './feed-forward.ts'
import { plainRouter } from './router.ts'

interface BlockSparseConfig {
  readonly num_local_experts: number
  readonly num_experts_per_tok: number
  readonly intermediate_size: number
}

/** Experts under the names of Mixtral, which other families adopted. */
export function blockSparseExperts(config: BlockSparseConfig, router: Partial<RouterDescription> = {}): FeedForwardDescription {
  return {
    activation: 'silu',
    always: null,
    experts: {
      count: config.num_local_experts,
      width: config.intermediate_size,
      hasBias: false,
      router: plainRouter('block_sparse_moe.gate', config.num_experts_per_tok, router),
      stack: 'block_sparse_moe.switch_mlp',
      single: { module: 'block_sparse_moe.experts', gate: 'w1', up: 'w3', down: 'w2' },
    },
  }
}
