/** What a gated feed-forward does between its two products: activation(gate) * up. */
export type Activation = 'silu' | 'gelu-tanh' | 'clamped-swiglu' | 'limited-silu'

/** down(activation(gate(x)) * up(x)). Modules are named within `model.layers.N`. */
export interface GatedDescription {
  readonly width: number
  readonly hasBias: boolean
  /** One name: gate's rows lie before up's in one module. */
  readonly gateUp: readonly [gate: string, up: string] | readonly [both: string]
  readonly down: string
}

/**
 * How a token finds its experts. Each gets a score, softmax or sigmoid of its logit; the `chosen` best take part, weighted
 * by their scores. (A softmax over the chosen ones' logits is a softmax over all that is normalized.)
 */
export interface RouterDescription {
  /** Its name, or names that checkpoints give it by turns. */
  readonly module: string | readonly string[]
  readonly hasBias: boolean
  readonly scoring: 'softmax' | 'sigmoid' | 'sqrt-softplus'
  /** A tensor [experts] that is added to the scores for the choice alone. */
  readonly correction: string | null
  readonly chosen: number
  /** The weights of the chosen ones are made to sum to 1. */
  readonly isNormalized: boolean
  /** Only the experts of the `groupsKept` best groups, by their two best experts each, can be chosen. */
  readonly groups: number
  readonly groupsKept: number
  /** Groups count by their best expert alone. */
  readonly isGroupBest?: boolean
  /** Logits l become cap * tanh(l / cap) first; 0: they stay. */
  readonly logitCap?: number
  /** Factor on the weights. */
  readonly scale: number
}

/** Experts, each a gated feed-forward of its own. */
export interface ExpertsDescription {
  /** Of 'limited-silu'; 0: none. */
  readonly limit?: number
  readonly count: number
  readonly width: number
  readonly hasBias: boolean
  readonly router: RouterDescription
  /** Holds `gate_proj`, `up_proj` and `down_proj` of all experts, each one tensor [count, outputs, inputs]. */
  readonly stack: string
  /** Where checkpoints hold each expert on its own: `module.N.` and these. */
  readonly single: { readonly module: string; readonly gate: string; readonly up: string; readonly down: string } | null
}

/** The second half of a layer: its result is the sum of what it has of both. */
export interface FeedForwardDescription {
  readonly activation: Activation
  /** For every token: the whole layer of a dense model, or the shared experts. */
  readonly always: GatedDescription | null
  /** Of 'limited-silu', in `always`; 0: none. */
  readonly alwaysLimit?: number
  /** A module [1, hidden]: the sigmoid of its product is a factor on what `always` gives. */
  readonly alwaysGate?: string
  readonly experts: ExpertsDescription | null
}

/** The usual names under a module. */
export function gated(module: string, width: number, { hasBias = false } = {}): GatedDescription {
  return { width, hasBias, gateUp: [`${module}.gate_proj`, `${module}.up_proj`], down: `${module}.down_proj` }
}

export function denseFeedForward(
  width: number,
  { hasBias = false, activation = 'silu' }: { hasBias?: boolean; activation?: Activation } = {},
): FeedForwardDescription {
  return { activation, always: gated('mlp', width, { hasBias }), experts: null }
}
