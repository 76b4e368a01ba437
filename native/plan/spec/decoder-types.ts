import { enumeration, linear, list, one, optional, type SpecType, struct } from './spec-type.ts'
import { activation, experts, feedForward, gatedProducts, norm, precision, router, scoring } from './feed-forward-types.ts'
import { deltaNet, lightning, mamba, shortConvolution } from './state-types.ts'
import { pooledAttention, streamMix, streams, streamTypes, tokenGroups } from './stream-types.ts'
import { matrix, tensor } from './weight-types.ts'

// The model as the engine receives it: native/engine/model/decoder_spec.h, and the rest of the plan.

export const rope = struct(
  { plan: 'RopePlan', spec: 'RopeSpec' },
  'Rotary positions: dimension pair i is rotated by position * positionScale * inverseFrequencies[i].',
  {
    inverseFrequencies: one('floats', 'One for each rotated pair of dimensions. The rotated dimensions are the first ones of a head.'),
    positionScale: one('real', null, { initial: '1' }),
    magnitude: one('real', 'Factor on the rotated dimensions (yarn).', { initial: '1' }),
    isInterleaved: one('flag', 'Pairs are (2i, 2i + 1) and not (i, i + half).'),
  },
)

const sparseIndex = struct(
  { plan: 'SparseIndexPlan', spec: 'SparseIndexSpec' },
  'Chooses the tokens that latent attention sees: each head multiplies its query with one narrow key per token, which the cache stores ' +
    'behind the rotated key. What is above 0 is weighted and summed over the heads.',
  {
    heads: one('integer'),
    dim: one('integer', 'The width of the keys and of each query.'),
    chosen: one('integer', 'The number of tokens that are seen at most.'),
    rope: one('integer', "Index into the decoder's ropes."),
    queryUp: one(matrix, '[heads * dim, narrow queries]'),
    keyNorm: one(tensor, 'The norm of the keys, which subtracts the mean [dim].'),
    keyNormBias: one(tensor),
  },
)

const latent = struct(
  { plan: 'LatentPlan', spec: 'LatentSpec' },
  "Latent attention (DeepSeek) over this rank's heads: the cache stores one narrow latent and one rotated key per token for all heads.",
  {
    latentDim: one('integer'),
    rotatedDim: one('integer'),
    plainDim: one('integer', 'The width of the part of a query that is multiplied with the latent and not with the rotated key.'),
    valueDim: one('integer', "The width of a head's result."),
    normEpsilon: one('real', null, { cppName: 'epsilon', initial: '1e-6f' }),
    queryNorm: optional(tensor, 'Present, like `queryUp`, if queries are computed through a narrow layer.'),
    queryUp: optional(matrix),
    latentNorm: one(tensor),
    toLatent: list(matrix, 'Per head [latent, plain], or [plain, latent] in the key layout.'),
    isKeyLayout: one('flag'),
    fromLatent: list(matrix, 'Per head [value, latent].'),
    index: optional(sparseIndex, 'Absent: all tokens are seen.'),
  },
)

const blockIndex = struct(
  { plan: 'BlockIndexPlan', spec: 'BlockIndexSpec' },
  'Chooses the blocks of tokens that attention sees, for each group of heads by itself: its query is multiplied with one narrow key per ' +
    "token, which the cache stores as one more head of keys, and a block scores as its best token. The projections follow the layer's own.",
  {
    heads: one('integer', 'One for each group of heads.'),
    dim: one('integer', "The width of the keys and of each query; not more than that of the attention's keys."),
    blockTokens: one('integer'),
    chosen: one('integer', 'The number of blocks that are seen at most.'),
    localBlocks: one('integer', "The token's own block and those before it that are always seen."),
    rope: one('integer', "Index into the decoder's ropes."),
    queryNorm: one(tensor, 'RMS norm of each query [dim].'),
    keyNorm: one(tensor),
  },
)

const outputGate = enumeration(
  'OutputGate',
  "A factor on the attention's results that is computed from the layer's input: the sigmoid or softplus of one number per head, " +
    'or a sigmoid per element.',
  { none: 'None', 'head-sigmoid': 'HeadSigmoid', 'head-softplus': 'HeadSoftplus', 'element-sigmoid': 'ElementSigmoid' },
)

const queryGrowth = struct(
  { plan: 'QueryGrowth', spec: 'QueryGrowth' },
  'Queries are scaled by position: 1 + beta * log(1 + floor((position + offset) / length)).',
  { beta: one('real'), length: one('real', null, { initial: '1' }), offset: one('real') },
  {
    methods: [
      'float at(int32_t position) const { return 1 + beta * std::log(1 + std::floor((static_cast<float>(position) + offset) / length)); }',
    ],
  },
)

const attention = struct(
  { plan: 'AttentionPlan', spec: 'AttentionSpec' },
  "Attention over this rank's heads, with grouped queries or `latent`; or one of the layers at the end in place of it.",
  {
    heads: one('integer'),
    kvHeads: one('integer'),
    headDim: one('integer'),
    valueDim: one('integer', "The width of a head's values and results."),
    scale: one('real', null, { initial: '1' }),
    windowTokens: one('integer', 'The number of positions that a token attends to, including its own; 0: all.', { cppName: 'window' }),
    rope: one('integer', "Index into the decoder's ropes."),
    queryNorm: optional(tensor, "RMS norm of each head [head], or of whole rows [this rank's heads * head]."),
    keyNorm: optional(tensor),
    normedQueryWidth: one('integer', 'The width of all queries over all ranks if norms cover whole rows; 0: norms per head.'),
    normedKeyWidth: one('integer', 'The same for keys.'),
    isNormedAfterRotation: one('flag', 'The norms of heads come after the rotation.'),
    keysOf: one('integer', "The layer, of this rank's, whose keys and values are attended to; below 0: its own.", { initial: '-1' }),
    areKeysReceived: one('flag', 'Keys and values come from the stage before, as they are stored.'),
    areKeysSent: one('flag', 'Later stages attend to the keys and values of this layer too.'),
    areHeadsNormed: one('flag', 'RMS norm, without a weight, of each head of queries and keys before the rotation.'),
    areValuesKeys: one('flag', 'Values are the keys before their norm and rotation.'),
    areValuesNormed: one('flag', 'RMS norm, without a weight, of each head of values.'),
    valueScale: one('real', 'Factor on the values.', { initial: '1' }),
    softCap: one('real', 'Logits l become cap * tanh(l / cap); 0: unchanged.'),
    queryGrowth: one(queryGrowth, null, { cppName: 'growth' }),
    outputGate: one(outputGate, null, { cppName: 'gate' }),
    sinks: optional(tensor, 'Additional logits in the softmax, without a value [heads].'),
    latent: optional(latent),
    blockIndex: optional(blockIndex, 'Absent: all tokens are seen.'),
    deltaNet: optional(deltaNet, 'In place of attention, whose heads and sizes are 0 then.'),
    mamba: optional(mamba, 'Likewise.'),
    lightning: optional(lightning, 'Likewise.'),
    shortConvolution: optional(shortConvolution, 'Likewise.'),
    pooled: optional(pooledAttention, 'In place of the other parts.'),
  },
  {
    methods: [
      '/// The numbers of the state that a sequence keeps.',
      'int64_t state_numbers() const {',
      '  return delta_net ? delta_net->state_numbers() : mamba ? mamba->state_numbers() : lightning ? lightning->state_numbers() : 0;',
      '}',
      '/// The numbers of the last inputs of a convolution.',
      'int64_t tail_numbers() const {',
      '  return delta_net           ? delta_net->tail_numbers()',
      '         : mamba             ? mamba->tail_numbers()',
      '         : short_convolution ? short_convolution->tail_numbers()',
      '                             : 0;',
      '}',
    ],
  },
)

const layerInput = struct(
  { plan: 'LayerInputPlan', spec: 'LayerInputSpec' },
  "A part after a layer's second half. It adds norm(up(gelu(gate) * input)), where the input is the layer's own for the token.",
  {
    gate: one(matrix, '[layer input, hidden]'),
    up: one(matrix, '[hidden, layer input]'),
    norm: one(norm),
  },
)

const layerInputs = struct(
  { plan: 'LayerInputsPlan', spec: 'LayerInputsSpec' },
  "The inputs of all layers for each token: the rows of an embedding and a projection of the decoder's own embedding.",
  {
    embedding: one(matrix, '[vocabulary, layers * layer input]'),
    embeddingScale: one('real', 'Factor on the rows of the embedding.', { initial: '1' }),
    projection: one(matrix, '[layers * layer input, hidden]'),
    projectionScale: one('real', 'Factor on the projection.', { initial: '1' }),
    norm: one(tensor, "The norm of each layer's part of the projection [layer input]."),
    scale: one('real', 'Factor on the sum of both.', { initial: '1' }),
  },
)

const receivedKeys = struct(
  { plan: 'ReceivedKeys', spec: 'ReceivedKeys' },
  'Keys and values of a layer of an earlier stage, which follow the hidden state.',
  {
    layer: one('integer', "The layer, of this rank's, that stores them; below 0: none.", { initial: '-1' }),
    width: one('integer', 'Numbers per token.'),
    areSent: one('flag', 'The next stage receives them too.'),
  },
)

const mixer = struct(
  { plan: 'MixerPlan', spec: 'MixerSpec' },
  "A second first half of a layer, which reads the same input. Its result is added to the other's.",
  {
    queryKeyValue: linear(matrix),
    attention: one(attention),
    attentionOutput: linear(matrix),
  },
)

const residualMix = struct(
  { plan: 'ResidualMixPlan', spec: 'ResidualMixSpec' },
  'What is read in place of the state: the sum of the states before each block of layers and of what was added since, weighted by a ' +
    'softmax of the products of their norms with a vector.',
  {
    norm: one(tensor, 'The weight of the norm [hidden].'),
    projection: one(tensor, 'The vector [hidden].'),
  },
)

const layer = struct({ plan: 'LayerPlan', spec: 'LayerSpec' }, 'A layer of the decoder.', {
  inputNorm: optional(norm, 'If absent, the half reads the unnormalized state or the input of the other half.'),
  feedForwardNorm: optional(norm, 'The same for the second half.'),
  queryKeyValue: linear(
    matrix,
    'Query, key and value; for latent attention, query (or its narrow layer), latent and rotated key, and the key and the weights of ' +
      'its index; for a delta net, query, key, value, gate, strength and decay; for Mamba, gate, value, written and read directions and ' +
      'step; for a short convolution, input gate, output gate and value; for lightning attention, query, key, value and gate. None: the ' +
      'layer has no first half.',
  ),
  attention: one(attention),
  attentionOutput: linear(matrix),
  beside: optional(mixer),
  attentionOutputNorm: optional(norm, "The norm of the attention's output, before it is added."),
  feedForwardOutputNorm: optional(norm, "The norm of the second half's output, before it is added."),
  feedForward: one(feedForward),
  layerInput: optional(layerInput),
  attentionMix: optional(residualMix, 'Read by the first half; absent: it reads the state.'),
  feedForwardMix: optional(residualMix, 'The same for the second half.'),
  beginsBlock: one('flag', 'The state before this layer is kept for mixes, and the state begins again with what the first half adds.'),
  outputScale: optional(tensor, "Factor on the layer's output [1]."),
  attentionStreams: optional(streamMix, 'Present, like the next one, if the decoder has streams.'),
  feedForwardStreams: optional(streamMix),
})

const decoder = struct({ plan: 'DecoderPlan', spec: 'DecoderSpec' }, "One rank's part of a decoder.", {
  files: list('text'),
  hiddenSize: one('integer'),
  vocabSize: one('integer'),
  normEpsilon: one('real', null, { initial: '1e-5f' }),
  normOffset: one('real', 'Added to the weight of every norm.'),
  isLayerNorm: one('flag', 'Norms subtract the mean first.'),
  isParallel: one('flag', "Both halves of a layer read its input through the first half's norm."),
  residualScale: one('real', 'Factor on the output that each half of a layer adds.', { initial: '1' }),
  logitScale: one('real', 'Factor on the logits.', { initial: '1' }),
  logitCap: one('real', 'Logits l become cap * tanh(l / cap); 0: unchanged.'),
  embeddingScale: one('real', 'Factor on the rows of the embedding.', { initial: '1' }),
  ropes: list(rope),
  layers: list(layer, "This rank's own layers."),
  embedding: optional(matrix, 'Present on the first stage of a pipeline and, if the head is tied, on the last one.'),
  finalNorm: optional(norm, 'Present on the last stage of a pipeline.'),
  head: optional(matrix, 'Absent if the embedding is the head.'),
  layerInputs: optional(layerInputs, 'Present on the first stage of a pipeline.'),
  layerInputWidth: one('integer', "The width of each layer's own input; 0: there are none."),
  laterLayers: one('integer', 'The number of layers on later stages, whose inputs are passed on.'),
  receivedKeys: list(receivedKeys, 'By layer. They follow the inputs of this and later stages.'),
  receivedBlocks: one('integer', 'The number of states before blocks of earlier stages, which follow.'),
  outputMix: optional(residualMix, 'What the final norm reads on the last stage.'),
  dequantize: one('flag', 'CPU only: expand every weight to float32.'),
  keepsState: one('flag', 'Layers, here or on another rank, keep a state of the last token in place of keys and values.'),
  streams: optional(streams, 'Absent: the residual state is one.'),
  tokenGroups: optional(tokenGroups, 'Absent: no layer sees groups of tokens.'),
  outputStreams: optional(
    streamMix,
    'How the final norm reads the streams; absent: as the last half says. [streams, streams * hidden], [streams], [1].',
  ),
})

/** Each type is declared before it is used. */
export const decoderTypes: readonly SpecType[] = [
  rope,
  sparseIndex,
  blockIndex,
  latent,
  deltaNet,
  mamba,
  lightning,
  shortConvolution,
  ...streamTypes,
  outputGate,
  queryGrowth,
  attention,
  norm,
  activation,
  gatedProducts,
  scoring,
  precision,
  router,
  experts,
  feedForward,
  layerInput,
  layerInputs,
  receivedKeys,
  mixer,
  residualMix,
  layer,
  decoder,
]
