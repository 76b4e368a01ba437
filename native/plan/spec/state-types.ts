import { list, one, optional, struct } from './spec-type.ts'
import { matrix, tensor } from './weight-types.ts'

// Layers that keep a state of a sequence's last token in place of keys and values.

export const deltaNet = struct(
  { plan: 'DeltaNetPlan', spec: 'DeltaNetSpec' },
  "A gated delta net in place of attention, over this rank's heads: a sequence has one matrix [value, key] per value head, and the " +
    'last inputs of a convolution over queries, keys and values.',
  {
    keyHeads: one('integer'),
    valueHeads: one('integer', 'A multiple of the key heads.'),
    keyDim: one('integer'),
    valueDim: one('integer'),
    kernel: one('integer', 'The number of tokens that the convolution sees.'),
    normEpsilon: one('real', null, { cppName: 'epsilon', initial: '1e-6f' }),
    convolution: list(tensor, 'Of queries, keys and values: [channels, kernel].'),
    decayLog: one(tensor, '[value heads]'),
    stepBias: one(tensor, '[value heads], or [value heads * key] with `decayUp`.'),
    norm: one(tensor, '[value]'),
    decayUp: optional(
      matrix,
      'Each dimension of a key decays by itself: the decays [value heads * key] come from a narrow layer, whose output takes their place.',
    ),
    gateUp: optional(matrix, 'The gates [value heads * value] come from a narrow layer likewise.'),
    decayBound: one(
      'real',
      "The logarithm of a decay is this number times the sigmoid of the rate times its step; 0: the rate times the step's softplus.",
    ),
    isGateSigmoid: one('flag', 'Results are multiplied by the sigmoid of the gates and not by their SiLU.'),
  },
  {
    methods: [
      'int32_t key_width() const { return key_heads * key_dim; }',
      'int32_t value_width() const { return value_heads * value_dim; }',
      'int32_t channels() const { return 2 * key_width() + value_width(); }',
      '/// The numbers that a sequence keeps.',
      'int64_t state_numbers() const { return int64_t{value_width()} * key_dim; }',
      'int64_t tail_numbers() const { return int64_t{kernel - 1} * channels(); }',
    ],
  },
)

export const mamba = struct(
  { plan: 'MambaPlan', spec: 'MambaSpec' },
  "A Mamba 2 layer in place of attention, over this rank's heads: a sequence has one matrix [head, state] per head, and the last inputs " +
    'of a convolution over values and the directions in which states are written and read.',
  {
    heads: one('integer', 'A multiple of the groups.'),
    groups: one('integer', 'Their heads share the directions in which states are written and read.'),
    headDim: one('integer'),
    stateDim: one('integer'),
    kernel: one('integer', 'The number of tokens that the convolution sees.'),
    leastStep: one('real', 'Steps, which determine how fast states fade, are limited to this range.'),
    largestStep: one('real'),
    convolution: list(tensor, 'Of values, written and read directions: [channels, kernel].'),
    convolutionBias: list(tensor, 'Likewise [channels], or none.'),
    decayLog: one(tensor, '[heads]'),
    stepBias: one(tensor, '[heads]'),
    skip: one(tensor, 'Factor on the values, which are added to what is read [heads].'),
    norm: optional(tensor, 'RMS norm of the gated results [heads * head].'),
    normGroups: one('integer', 'The norm covers this many parts separately.', { initial: '1' }),
    normedWidth: one('integer', 'The width of the results of all ranks if the norm covers them as one; 0: parts of a rank.'),
    normEpsilon: one('real', null, { cppName: 'epsilon', initial: '1e-5f' }),
  },
  {
    methods: [
      'int32_t width() const { return heads * head_dim; }',
      'bool is_normed_over_ranks() const { return norm && normed_width > width(); }',
      'int32_t channels() const { return width() + 2 * groups * state_dim; }',
      'int64_t state_numbers() const { return int64_t{width()} * state_dim; }',
      'int64_t tail_numbers() const { return int64_t{kernel - 1} * channels(); }',
    ],
  },
)

export const lightning = struct(
  { plan: 'LightningPlan', spec: 'LightningSpec' },
  "Lightning attention in place of attention, over this rank's heads: a sequence has one matrix [value, key] per head, which fades at a " +
    'fixed rate. Each token adds to it and reads it.',
  {
    heads: one('integer'),
    headDim: one('integer'),
    fading: one('floats', 'The logarithm of the factor by which the matrix of each head fades with each token [heads].'),
    queryScale: one('real', null, { initial: '1' }),
    queryNorm: optional(tensor, 'RMS norm of each head before the rotation [head].'),
    keyNorm: optional(tensor),
    norm: one(tensor, 'RMS norm of the results [heads * head].'),
    normGroups: one('integer', 'The norm covers this many parts separately.', { initial: '1' }),
    normEpsilon: one('real', null, { cppName: 'epsilon', initial: '1e-5f' }),
  },
  {
    methods: [
      'int32_t width() const { return heads * head_dim; }',
      'int64_t state_numbers() const { return int64_t{width()} * head_dim; }',
    ],
  },
)

export const shortConvolution = struct(
  { plan: 'ShortConvolutionPlan', spec: 'ShortConvolutionSpec' },
  "A gated convolution in place of attention, over this rank's channels: a sequence has its last inputs.",
  {
    channels: one('integer'),
    kernel: one('integer', 'The number of tokens that the convolution sees.'),
    convolution: one(tensor, '[channels, kernel]'),
    bias: optional(tensor, '[channels]'),
  },
  { methods: ['int64_t tail_numbers() const { return int64_t{kernel - 1} * channels; }'] },
)
