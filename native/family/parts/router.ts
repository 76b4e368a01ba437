import type { FeedForwardDescription, RouterDescription } from './feed-forward.ts'

/** A router without groups, with weights normalized to sum to 1. */
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

/** The names of experts in `transformers` checkpoints, which store each one separately. */
export const SINGLE_EXPERTS = { module: 'mlp.experts', gate: 'gate_proj', up: 'up_proj', down: 'down_proj' } as const

/** The same layer, whose router sorts experts by falling scores. */
export function bestFirst(layer: FeedForwardDescription): FeedForwardDescription {
  const { experts } = layer
  return { ...layer, experts: experts && { ...experts, router: { ...experts.router, isBestFirst: true } } }
}
