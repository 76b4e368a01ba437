import type { RouterDescription } from './feed-forward.ts'

/** A router without groups, whose weights sum to 1. */
export function plainRouter(module: string, chosen: number, changed: Partial<RouterDescription> = {}): RouterDescription {
  return {
    module,
    hasBias: false,
    scoring: 'softmax',
    correction: null,
    chosen,
    isNormalized: true,
    groups: 1,
    groupsKept: 1,
    scale: 1,
    ...changed,
  }
}

/** Of experts that checkpoints of `transformers` hold each on its own. */
export const SINGLE_EXPERTS = { module: 'mlp.experts', gate: 'gate_proj', up: 'up_proj', down: 'down_proj' } as const
