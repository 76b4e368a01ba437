import type { ShardSpec } from '../../main/shared/shard.ts'
import type { DecoderDescription } from '../family/family.ts'
import { NativeError } from '../native-error.ts'
import type { TensorCatalog } from '../weights/tensor-catalog.ts'
import type { DecoderPlan, LayerPlan } from './decoder-plan.ts'
import { WeightPlanner } from './weight-planner.ts'

type ShardPlace = Pick<ShardSpec, 'strategy' | 'rank' | 'worldSize' | 'layers' | 'dequantize'>

/**
 * Finds every tensor that a shard needs, and only those.
 *
 * Tensor parallel: each rank has its share of the attention heads (query, key and value by outputs, the output by inputs)
 * and of the feed-forward width (gate and up by outputs, down by inputs); the ranks' results are summed after each of both.
 *
 * @throws NativeError `model-damaged` | `strategy-unsupported` | `rank-mismatch`
 */
export function planDecoder(model: DecoderDescription, catalog: TensorCatalog, place: ShardPlace): DecoderPlan {
  const isTensorParallel = place.strategy === 'tensor' && place.worldSize > 1
  const planner = new WeightPlanner(catalog, isTensorParallel ? { rank: place.rank, ranks: place.worldSize } : { rank: 0, ranks: 1 })
  if (place.layers.end > model.layers || place.layers.start >= place.layers.end) {
    throw new NativeError('rank-mismatch', `Layers ${place.layers.start} to ${place.layers.end} were placed here, and the model has ${model.layers}.`, { ...place.layers })
  }
  const isFirstStage = place.layers.start === 0
  const isLastStage = place.rank === 0
  if (isLastStage !== (place.layers.end === model.layers) && !isTensorParallel) {
    throw new NativeError('rank-mismatch', `Rank ${place.rank} holds layers ${place.layers.start} to ${place.layers.end} of ${model.layers}; rank 0 must hold the last ones.`)
  }
  const isTied = model.isHeadTied ?? !catalog.has('lm_head.weight')
  const vocabulary = { outputs: model.vocabSize, inputs: model.hiddenSize }
  return {
    files: catalog.files,
    hiddenSize: model.hiddenSize,
    vocabSize: model.vocabSize,
    normEpsilon: model.normEpsilon,
    ropes: [model.rope],
    layers: Array.from({ length: place.layers.end - place.layers.start }, (_, index) => planLayer(model, planner, place.layers.start + index)),
    embedding: isFirstStage || (isLastStage && isTied) ? planner.matrix('model.embed_tokens', vocabulary) : null,
    finalNorm: isLastStage ? planner.vector('model.norm.weight', model.hiddenSize) : null,
    head: isLastStage && !isTied ? planner.matrix('lm_head', vocabulary) : null,
    dequantize: place.dequantize,
  }
}

function planLayer(model: DecoderDescription, planner: WeightPlanner, index: number): LayerPlan {
  const prefix = `model.layers.${index}`
  const { hiddenSize, headDim, intermediateSize } = model
  const heads = planner.share(model.heads, `the model's ${model.heads} attention heads`)
  const kvHeads = planner.share(model.kvHeads, `the model's ${model.kvHeads} key-value heads`)
  const projection = (name: string, count: number) =>
    planner.matrix(`${prefix}.self_attn.${name}`, { outputs: count * headDim, inputs: hiddenSize, split: 'outputs', hasBias: model.hasQueryKeyValueBias })
  const widen = (name: string) =>
    planner.matrix(`${prefix}.mlp.${name}`, { outputs: intermediateSize, inputs: hiddenSize, split: 'outputs', hasBias: model.hasFeedForwardBias })
  const headNorm = (name: string) => (model.hasQueryKeyNorm ? planner.vector(`${prefix}.self_attn.${name}.weight`, headDim) : null)
  return {
    inputNorm: planner.vector(`${prefix}.input_layernorm.weight`, hiddenSize),
    queryKeyValue: [projection('q_proj', model.heads), projection('k_proj', model.kvHeads), projection('v_proj', model.kvHeads)],
    attention: {
      heads: heads.end - heads.start,
      kvHeads: kvHeads.end - kvHeads.start,
      headDim,
      scale: headDim ** -0.5,
      windowTokens: model.windowTokens[index] ?? 0,
      rope: 0,
      queryNorm: headNorm('q_norm'),
      keyNorm: headNorm('k_norm'),
    },
    attentionOutput: [
      planner.matrix(`${prefix}.self_attn.o_proj`, {
        outputs: hiddenSize,
        inputs: model.heads * headDim,
        split: 'inputs',
        hasBias: model.hasAttentionOutputBias,
      }),
    ],
    feedForwardNorm: planner.vector(`${prefix}.post_attention_layernorm.weight`, hiddenSize),
    gateUp: [widen('gate_proj'), widen('up_proj')],
    down: [planner.matrix(`${prefix}.mlp.down_proj`, { outputs: hiddenSize, inputs: intermediateSize, split: 'inputs', hasBias: model.hasFeedForwardBias })],
  }
}
