import { enumeration, linear, list, one, optional, type SpecType, struct } from './spec-type.ts'
import { matrix, tensor } from './weight-types.ts'

// What the engine is told about a model: native/engine/model/decoder_spec.h, and the rest of the plan.

const rope = struct(
  { plan: 'RopePlan', spec: 'RopeSpec' },
  'Rotary positions: dimension pair i turns by position * positionScale * inverseFrequencies[i].',
  {
    inverseFrequencies: one('floats', 'One for each pair of dimensions that turn; these are the first ones of a head.'),
    positionScale: one('real', null, { initial: '1' }),
    magnitude: one('real', 'Factor on the turned dimensions (yarn).', { initial: '1' }),
    isInterleaved: one('flag', 'Pairs are neighbours (2i, 2i + 1), not (i, i + half).'),
  },
)

const latent = struct(
  { plan: 'LatentPlan', spec: 'LatentSpec' },
  "Latent attention (DeepSeek), over this rank's heads: a token keeps one narrow latent and one rotated key for all heads.",
  {
    latentDim: one('integer'),
    rotatedDim: one('integer'),
    plainDim: one('integer', 'The width of the part of a query that meets the latent, not the rotated key.'),
    valueDim: one('integer', "The width of a head's result."),
    normEpsilon: one('real', null, { cppName: 'epsilon', initial: '1e-6f' }),
    queryNorm: optional(tensor, 'Of queries that come out of a narrow layer, as is `queryUp`.'),
    queryUp: optional(matrix),
    latentNorm: one(tensor),
    toLatent: list(matrix, 'Per head [latent, plain]; in the key layout [plain, latent].'),
    isKeyLayout: one('flag'),
    fromLatent: list(matrix, 'Per head [value, latent].'),
  },
)

const outputGate = enumeration(
  'OutputGate',
  "A factor on an attention's results that the layer's input decides: per head the sigmoid or the softplus of one number, " +
    "or per number of a head's result its sigmoid.",
  { none: 'None', 'head-sigmoid': 'HeadSigmoid', 'head-softplus': 'HeadSoftplus', 'element-sigmoid': 'ElementSigmoid' },
)

const queryGrowth = struct(
  { plan: 'QueryGrowth', spec: 'QueryGrowth' },
  'Queries grow with their position: 1 + beta * log(1 + floor((position + offset) / length)).',
  { beta: one('real'), length: one('real', null, { initial: '1' }), offset: one('real') },
  {
    methods: [
      'float at(int32_t position) const { return 1 + beta * std::log(1 + std::floor((static_cast<float>(position) + offset) / length)); }',
    ],
  },
)

const attention = struct(
  { plan: 'AttentionPlan', spec: 'AttentionSpec' },
  "Attention over this rank's heads: of grouped queries, or `latent`.",
  {
    heads: one('integer'),
    kvHeads: one('integer'),
    headDim: one('integer'),
    valueDim: one('integer', "The width of a head's values and results."),
    scale: one('real', null, { initial: '1' }),
    windowTokens: one('integer', 'Positions that a token sees, itself included; 0: all.', { cppName: 'window' }),
    rope: one('integer', "Index into the decoder's ropes."),
    queryNorm: optional(tensor, "RMS norm of each head [head], or of whole rows [this rank's heads * head]."),
    keyNorm: optional(tensor),
    normedQueryWidth: one('integer', 'The width of all queries, over all ranks, where norms are of whole rows; 0: of each head.'),
    normedKeyWidth: one('integer', 'The same of keys.'),
    isNormedAfterRotation: one('flag', 'The norms of heads follow the rotation.'),
    valueScale: one('real', 'Factor on the values.', { initial: '1' }),
    softCap: one('real', 'Logits l become cap * tanh(l / cap); 0: they stay.'),
    queryGrowth: one(queryGrowth, null, { cppName: 'growth' }),
    outputGate: one(outputGate, null, { cppName: 'gate' }),
    sinks: optional(tensor, 'Logits that take part in the softmax without a value [heads].'),
    latent: optional(latent),
  },
)

const activation = enumeration('Activation', "What lies between a feed-forward's two products: activation(gate) * up.", {
  silu: 'Silu',
  'gelu-tanh': 'GeluTanh',
  'clamped-swiglu': 'ClampedSwiglu',
  'limited-silu': 'LimitedSilu',
})

const gated = struct({ plan: 'GatedPlan', spec: 'GatedSource' }, 'down(activation(gate) * up).', {
  gateUp: linear(matrix, 'Gate, up; or both in one.'),
  down: linear(matrix),
})

const scoring = enumeration('Scoring', "What turns a logit of the router into an expert's score.", {
  softmax: 'Softmax',
  sigmoid: 'Sigmoid',
  'sqrt-softplus': 'SqrtSoftplus',
})

const router = struct(
  { plan: 'RouterPlan', spec: 'RouterSpec' },
  'How a token finds its experts: each gets a score from its logit; the best ones take part, weighted by their scores.',
  {
    weight: one(matrix),
    correction: optional(tensor, 'Added to the scores for the choice alone [experts].'),
    scoring: one(scoring),
    chosen: one('integer', 'How many experts take part.'),
    isNormalized: one('flag', 'The weights of the chosen ones are scaled to sum to 1.'),
    groups: one('integer', 'Only experts of the `groupsKept` best groups can be chosen; a group counts by its two best experts.', {
      initial: '1',
    }),
    groupsKept: one('integer', null, { initial: '1' }),
    isGroupBest: one('flag', 'Groups count by their best expert alone.'),
    logitCap: one('real', 'Logits l become cap * tanh(l / cap) first; 0: they stay.'),
    scale: one('real', 'Factor on the weights.', { initial: '1' }),
  },
)

const experts = struct(
  { plan: 'ExpertsPlan', spec: 'ExpertsSpec' },
  "One matrix per expert, of one size each; a rank has its share of every expert's width.",
  {
    router: one(router),
    gate: list(matrix),
    up: list(matrix),
    down: list(matrix),
    limit: one('real', 'Of the activation `limited-silu`, in experts; 0: none.'),
  },
)

const feedForward = struct({ plan: 'FeedForwardPlan', spec: 'FeedForwardSpec' }, "A layer's second half: the sum of what it has of both.", {
  activation: one(activation),
  always: optional(gated, 'For every token: the whole of a dense layer, or the shared experts.'),
  experts: optional(experts),
  alwaysLimit: one('real', 'Of the activation `limited-silu`, in `always`; 0: none.'),
  alwaysGate: optional(matrix, 'A factor on the result of `always`: the sigmoid of this product [1, hidden].'),
})

const norm = struct({ plan: 'NormPlan', spec: 'NormSource' }, "A norm's weight, and its bias where there is one.", {
  weight: one(tensor),
  bias: optional(tensor),
})

const layer = struct({ plan: 'LayerPlan', spec: 'LayerSpec' }, 'A layer of the decoder.', {
  inputNorm: optional(norm, 'Without it the half reads the state as it is, or what the other half reads.'),
  feedForwardNorm: optional(norm, 'The same of the second half.'),
  queryKeyValue: linear(matrix, 'Query, key, value; of latent attention: query (or its narrow layer), latent, rotated key.'),
  attention: one(attention),
  attentionOutput: linear(matrix),
  attentionOutputNorm: optional(norm, "Of the attention's output, before it is added."),
  feedForwardOutputNorm: optional(norm, "Of the second half's output, before it is added."),
  feedForward: one(feedForward),
})

const decoder = struct({ plan: 'DecoderPlan', spec: 'DecoderSpec' }, "One rank's part of a decoder.", {
  files: list('text'),
  hiddenSize: one('integer'),
  vocabSize: one('integer'),
  normEpsilon: one('real', null, { initial: '1e-5f' }),
  normOffset: one('real', 'Added to the weight of every norm.'),
  isLayerNorm: one('flag', 'Norms subtract the mean first.'),
  isParallel: one('flag', "Both halves of a layer read its input, by the first one's norm."),
  residualScale: one('real', 'Factor on what a half of a layer adds.', { initial: '1' }),
  logitScale: one('real', 'Factor on the logits.', { initial: '1' }),
  logitCap: one('real', 'Logits l become cap * tanh(l / cap); 0: they stay.'),
  embeddingScale: one('real', "Factor on the embedding's rows.", { initial: '1' }),
  ropes: list(rope),
  layers: list(layer, "This rank's own layers."),
  embedding: optional(matrix, 'Where the pipeline begins, and for a tied head where it ends.'),
  finalNorm: optional(norm, 'Where the pipeline ends.'),
  head: optional(matrix, 'Absent where the embedding is the head.'),
  dequantize: one('flag', 'CPU only: hold every weight as float32.'),
})

/** In an order in which each is declared before it is used. */
export const decoderTypes: readonly SpecType[] = [
  rope,
  latent,
  outputGate,
  queryGrowth,
  attention,
  activation,
  gated,
  scoring,
  router,
  experts,
  feedForward,
  norm,
  layer,
  decoder,
]
