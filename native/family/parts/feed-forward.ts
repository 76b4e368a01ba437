import type { Activation, RouterPrecision, Scoring } from '../../plan/decoder-plan.ts'

/** down(activation(gate(x)) * up(x)). Modules are named within `model.layers.N`. */
export interface GatedDescription {
  readonly width: number
  readonly hasBias: boolean
  /** One name: a single module with gate's rows followed by up's, or up alone if the activation has no gate. */
  readonly gateUp: readonly [gate: string, up: string] | readonly [both: string]
  readonly down: string
}

/**
 * The choice of a token's experts. Each gets a score, the softmax or sigmoid of its logit. The `chosen` best are used, weighted
 * by their scores. (A softmax over the chosen logits equals a normalized softmax over all.)
 */
export interface RouterDescription {
  /** Its name, or the alternative names in different checkpoints. */
  readonly module: string | readonly string[]
  readonly hasBias: boolean
  readonly scoring: Scoring
  /** A tensor [experts] that is added to the scores only for the choice. */
  readonly correction: string | null
  readonly chosen: number
  /** The weights of the chosen experts are normalized to sum to 1. */
  readonly isNormalized: boolean
  /** Only experts in the `groupsKept` best groups can be chosen. A group's score is the sum of its two best experts. */
  readonly groups: number
  readonly groupsKept: number
  /** A group's score is its best expert alone. */
  readonly isGroupBest?: boolean
  /** Experts are sorted by falling scores, which decides between rounded scores that are equal. By default, of a sigmoid alone. */
  readonly isBestFirst?: boolean
  /** Logits l first become cap * tanh(l / cap); 0: unchanged. */
  readonly logitCap?: number
  /** A tensor [hidden]: the logits are computed from the unnormalized state after an RMS norm with this weight / sqrt(hidden). */
  readonly norm?: string
  /** A tensor [experts] with a factor on the weight of each expert. */
  readonly expertScale?: string
  /** A tensor [vocabulary, chosen] with the experts of each token, in place of those with the best scores. */
  readonly byToken?: { readonly name: string; readonly vocabulary: number }
  /** Factor on the weights. */
  readonly scale: number
  /** Of 'sparse-mixer': see `RouterPlan`. */
  readonly jitter?: number
  /** From where on the router computes in float32; by default, from the scores on, but for a softmax nowhere. */
  readonly precision?: RouterPrecision
  /** The weights of the experts are rounded to the type of the model. */
  readonly areWeightsRounded?: boolean
}

/** Experts, each a separate gated feed-forward. */
export interface ExpertsDescription {
  /** The limit of 'limited-silu' and 'silu-of-limited'; 0: none. That of 'clamped-swiglu'; 0: 7. */
  readonly limit?: number
  /** Modules to and from a narrower state on which the experts work. */
  readonly latent?: { readonly width: number; readonly to: string; readonly from: string; readonly norm?: string }
  /** The names within `stack`, if they are not the usual ones. */
  readonly stackNames?: { readonly up: string; readonly down: string }
  /** The experts read the unnormalized state through a norm with this name. */
  readonly inputNorm?: string
  /** The norm of their sum. */
  readonly outputNorm?: string
  readonly count: number
  readonly width: number
  readonly hasBias: boolean
  readonly router: RouterDescription
  /** The module with `gate_proj`, `up_proj` and `down_proj` of all experts, each one tensor [count, outputs, inputs]. */
  readonly stack: string
  /** The names in checkpoints that store each expert separately: `module.N.` followed by these. */
  readonly single: { readonly module: string; readonly gate: string; readonly up: string; readonly down: string } | null
}

/** The second half of a layer. Its result is the sum of the parts that exist. */
export interface FeedForwardDescription {
  readonly activation: Activation
  /** The part for every token: the whole layer of a dense model, or the shared experts. */
  readonly always: GatedDescription | null
  /** The bounds of 'situ'; no second one: none. */
  readonly bounds?: readonly [gate: number, up?: number]
  /** The same limit in `always`. */
  readonly alwaysLimit?: number
  /** A module [1, hidden]. The sigmoid of its product is a factor on the result of `always`. */
  readonly alwaysGate?: string
  /** The norm of the result of `always`. */
  readonly alwaysOutputNorm?: string
  readonly experts: ExpertsDescription | null
}

/** A gated feed-forward with the usual names under a module. */
export function gated(module: string, width: number, { hasBias = false } = {}): GatedDescription {
  return { width, hasBias, gateUp: [`${module}.gate_proj`, `${module}.up_proj`], down: `${module}.down_proj` }
}

export function denseFeedForward(
  width: number,
  { hasBias = false, activation = 'silu' }: { hasBias?: boolean; activation?: Activation } = {},
): FeedForwardDescription {
  return { activation, always: gated('mlp', width, { hasBias }), experts: null }
}
