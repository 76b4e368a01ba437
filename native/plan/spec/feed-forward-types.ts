import { enumeration, linear, list, one, optional, struct } from './spec-type.ts'
import { matrix, tensor } from './weight-types.ts'

// A layer's second half.

export const norm = struct({ plan: 'NormPlan', spec: 'NormSource' }, "A norm's weight and optional bias.", {
  weight: one(tensor),
  bias: optional(tensor),
})

export const activation = enumeration(
  'Activation',
  "The function between a feed-forward's two products: activation(gate) * up, or relu(up)^2 without a gate.",
  {
    silu: 'Silu',
    'gelu-tanh': 'GeluTanh',
    'clamped-swiglu': 'ClampedSwiglu',
    'limited-silu': 'LimitedSilu',
    'silu-of-limited': 'SiluOfLimited',
    'relu-squared': 'ReluSquared',
    situ: 'Situ',
  },
)

export const gatedProducts = struct({ plan: 'GatedPlan', spec: 'GatedSource' }, 'down(activation(gate) * up).', {
  gateUp: linear(matrix, 'Gate and up, both in one, or up alone.'),
  down: linear(matrix),
})

export const scoring = enumeration(
  'Scoring',
  "The function from a router's logit to an expert's score: over all experts, or a softmax over those with the best logits.",
  {
    softmax: 'Softmax',
    'softmax-of-chosen': 'SoftmaxOfChosen',
    sigmoid: 'Sigmoid',
    'sqrt-softplus': 'SqrtSoftplus',
    'sparse-mixer': 'SparseMixer',
  },
)

export const precision = enumeration(
  'RouterPrecision',
  'From where on a router computes in float32 and not in the type of the model: nowhere, only for the choice, from the scores on, ' +
    'or from the logits on.',
  { model: 'Model', choice: 'Choice', scores: 'Scores', logits: 'Logits' },
)

export const router = struct(
  { plan: 'RouterPlan', spec: 'RouterSpec' },
  "The choice of a token's experts: each gets a score from its logit, and the best ones are used, weighted by their scores.",
  {
    weight: one(matrix),
    norm: optional(tensor, 'Logits are computed from the unnormalized state after an RMS norm with this weight times `normFactor`.'),
    normFactor: one('real', null, { initial: '1' }),
    expertScale: optional(tensor, 'Factor on the weight of each expert [experts].'),
    correction: optional(tensor, 'Added to the scores only for the choice [experts].'),
    byToken: optional(tensor, 'The experts of each token, in place of those with the best scores [vocabulary, chosen].'),
    scoring: one(scoring),
    jitter: one(
      'real',
      "Of 'sparse-mixer': an expert's weight is its part of the softmax of those logits that are at most twice this part below it, and " +
        'the choice goes on without it.',
    ),
    precision: one(precision),
    areWeightsRounded: one('flag', 'The weights of the experts are rounded to the type of the model.'),
    chosen: one('integer', 'The number of experts that are used.'),
    isNormalized: one('flag', 'The weights of the chosen experts are scaled to sum to 1.'),
    groups: one(
      'integer',
      "Only experts in the `groupsKept` best groups can be chosen. A group's score is the sum of its two best experts.",
      {
        initial: '1',
      },
    ),
    groupsKept: one('integer', null, { initial: '1' }),
    isGroupBest: one('flag', "A group's score is its best expert alone."),
    isBestFirst: one('flag', 'Experts are sorted by falling scores, which decides between rounded scores that are equal.'),
    logitCap: one('real', 'Logits l first become cap * tanh(l / cap); 0: unchanged.'),
    scale: one('real', 'Factor on the weights.', { initial: '1' }),
  },
)

export const experts = struct(
  { plan: 'ExpertsPlan', spec: 'ExpertsSpec' },
  "One matrix per expert, all of the same size. A rank has its share of every expert's width.",
  {
    router: one(router),
    gate: list(matrix, 'None if the activation has no gate.'),
    up: list(matrix),
    down: list(matrix),
    limit: one('real', 'The limit of `limited-silu` and `silu-of-limited` in experts; 0: none. That of `clamped-swiglu`; 0: 7.'),
    toLatent: optional(matrix, 'Experts work on a narrower state, which this matrix produces.'),
    fromLatent: optional(matrix, 'From their sum back to the hidden state.'),
    latentNorm: optional(tensor, 'RMS norm of their sum before `fromLatent`.'),
    inputNorm: optional(norm, 'The experts read the unnormalized state through this norm.'),
    outputNorm: optional(norm, 'The norm of their sum.'),
  },
)

export const feedForward = struct(
  { plan: 'FeedForwardPlan', spec: 'FeedForwardSpec' },
  "A layer's second half. Its result is the sum of the parts that exist. Without any, the layer has no second half.",
  {
    activation: one(activation),
    always: optional(gatedProducts, 'The part for every token: the whole dense layer, or the shared experts.'),
    experts: optional(experts),
    alwaysLimit: one('real', 'The same in `always`.'),
    gateBound: one('real', 'The bound of gates in `situ`.', { initial: '1' }),
    upBound: one('real', 'The bound of the other factors in `situ`; 0: none.'),
    alwaysOutputNorm: optional(norm, 'The norm of the result of `always`.'),
    alwaysGate: optional(matrix, 'A factor on the result of `always`: the sigmoid of this product [1, hidden].'),
  },
)
