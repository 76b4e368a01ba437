import { rope } from './decoder-types.ts'
import { norm } from './feed-forward-types.ts'
import { enumeration, linear, list, one, optional, type SpecType, struct } from './spec-type.ts'
import { matrix, tensor } from './weight-types.ts'

// An encoder as the engine receives it: native/engine/model/encoder_spec.h, and the last part of the plan.

const encoderActivation = enumeration('EncoderActivation', "The function of an encoder's dense layers; `gelu` is the exact one.", {
  none: 'None',
  gelu: 'Gelu',
  'gelu-tanh': 'GeluTanh',
  silu: 'Silu',
  relu: 'Relu',
  tanh: 'Tanh',
})

const encoderLayer = struct(
  { plan: 'EncoderLayerPlan', spec: 'EncoderLayerSpec' },
  'A layer of an encoder. Each half adds its result to its input; norms may come before a half, on its result, or on the sum.',
  {
    attentionNorm: optional(norm),
    queryKeyValue: linear(matrix, 'Query, key and value, or all of them in one.'),
    queryNorm: optional(tensor, 'RMS norm of each head [head].'),
    keyNorm: optional(tensor),
    windowTokens: one('integer', 'A token attends to those that are at most this far away on either side; below 0: to all.', {
      cppName: 'window',
      initial: '-1',
    }),
    rope: one('integer', "Index into the encoder's ropes; below 0: none.", { initial: '-1' }),
    attentionOutput: linear(matrix),
    attentionOutputNorm: optional(norm),
    attentionSumNorm: optional(norm),
    feedForwardNorm: optional(norm),
    up: linear(matrix, 'With a gate: what is activated first, then its factor.'),
    isGated: one('flag'),
    activation: one(encoderActivation),
    down: linear(matrix),
    feedForwardOutputNorm: optional(norm),
    feedForwardSumNorm: optional(norm),
  },
)

const encoderHead = struct(
  { plan: 'EncoderHeadPlan', spec: 'EncoderHeadSpec' },
  'A dense layer after the pooling: norm(activation(weight * x)).',
  { weight: one(matrix), activation: one(encoderActivation), norm: optional(norm) },
)

const encoder = struct(
  { plan: 'EncoderPlan', spec: 'EncoderSpec' },
  'A model whose tokens see those on both sides. It has no cache and draws no tokens.',
  {
    files: list('text'),
    hiddenSize: one('integer'),
    vocabSize: one('integer'),
    heads: one('integer'),
    kvHeads: one('integer'),
    headDim: one('integer'),
    attentionScale: one('real', null, { initial: '1' }),
    slopes: one('floats', 'The factors on the distance of two tokens, which is taken from their logit, by head (ALiBi); or none.'),
    normEpsilon: one('real', null, { initial: '1e-12f' }),
    normOffset: one('real', 'Added to the weight of every norm.'),
    isLayerNorm: one('flag', 'Norms subtract the mean first.'),
    embedding: one(matrix),
    embeddingScale: one('real', 'Factor on the rows of the embedding.', { initial: '1' }),
    positions: optional(matrix, 'Added to the tokens by their position.'),
    firstPosition: one('integer', 'The row of the first token among `positions`.'),
    segments: optional(matrix, 'Added to the tokens of the first and of the second text.'),
    embeddingNorm: optional(norm),
    ropes: list(rope),
    layers: list(encoderLayer),
    finalNorm: optional(norm),
    dense: list(encoderHead, 'After the pooling.'),
    isClassifier: one('flag', 'The result is a score and not a direction.'),
    isMeanClassified: one('flag', 'A classifier reads the mean of all tokens and not the first one.'),
  },
)

/** Each type is declared before it is used. */
export const encoderTypes: readonly SpecType[] = [encoderActivation, encoderLayer, encoderHead, encoder]
