import type { ShardSpec } from '../../main/shared/shard.ts'
import type { DecoderDescription } from '../family/family.ts'
import type { FeedForwardDescription } from '../family/parts/feed-forward.ts'
import { NativeError } from '../native-error.ts'
import type { TensorCatalog } from '../weights/tensor-catalog.ts'
import type { DecoderPlan, LayerInputPlan, LayerInputsPlan, LayerPlan, NormPlan } from './decoder-plan.ts'
import { planAttention } from './plan-attention.ts'
import { planFeedForward } from './plan-feed-forward.ts'
import { planLatentAttention } from './plan-latent-attention.ts'
import { planLayerStreams, planStageStreams, planTokenGroups } from './plan-token-groups.ts'
import { NO_ATTENTION } from './no-attention.ts'
import { planLayerMixes, planStageMixes } from './plan-residual-mixes.ts'
import { planState } from './states/plan-state.ts'
import { RopeList } from './rope-list.ts'
import { SharedKeys } from './shared-keys.ts'
import { WeightPlanner } from './weight-planner.ts'

const NO_FEED_FORWARD: FeedForwardDescription = { activation: 'silu', always: null, experts: null }

type ShardPlace = Pick<ShardSpec, 'strategy' | 'rank' | 'worldSize' | 'layers' | 'dequantize'>

/**
 * Finds exactly the tensors that a shard needs.
 *
 * Tensor parallel: each rank has its share of every layer. The ranks' results are summed after each half of a layer
 * (`planAttention`, `planFeedForward`).
 *
 * @throws NativeError `model-damaged` | `strategy-unsupported` | `rank-mismatch`
 */
export function planDecoder(model: DecoderDescription, catalog: TensorCatalog, place: ShardPlace): DecoderPlan {
  const isTensorParallel = place.strategy === 'tensor' && place.worldSize > 1
  const planner = new WeightPlanner(catalog, isTensorParallel ? { rank: place.rank, ranks: place.worldSize } : { rank: 0, ranks: 1 })
  if (place.layers.end > model.layers || place.layers.start >= place.layers.end) {
    throw new NativeError(
      'rank-mismatch',
      `Layers ${place.layers.start} to ${place.layers.end} were placed here, but the model has ${model.layers} layers.`,
      { ...place.layers },
    )
  }
  const isFirstStage = place.layers.start === 0
  const isLastStage = place.rank === 0
  if (isLastStage !== (place.layers.end === model.layers) && !isTensorParallel) {
    throw new NativeError(
      'rank-mismatch',
      `Rank ${place.rank} holds layers ${place.layers.start} to ${place.layers.end} of ${model.layers}; rank 0 must have the last ones.`,
    )
  }
  const modules = model.places.find(({ embedding }) => catalog.has(`${embedding}.weight`)) ?? model.places[0]
  const hasHead = catalog.has(`${modules.head}.weight`)
  // Without any head, the model is for embeddings, and nothing reads its logits.
  const isTied = (modules.prefix === '' && !hasHead) || (model.isHeadTied ?? !hasHead)
  const vocabulary = { outputs: model.vocabSize, inputs: model.hiddenSize }
  const ropes = new RopeList(model.windowRope ? [model.rope, model.windowRope] : [model.rope])
  const sharedKeys = new SharedKeys(model, place.layers)
  const layersPrefix = `${modules.prefix}${modules.layers ?? 'layers'}.`
  const layers = Array.from({ length: place.layers.end - place.layers.start }, (_, offset) => {
    const index = place.layers.start + offset
    return planLayer(model, planner, { ropes, sharedKeys }, `${layersPrefix}${index}.`, index)
  })
  return {
    files: catalog.files,
    hiddenSize: model.hiddenSize,
    vocabSize: model.vocabSize,
    normEpsilon: model.normEpsilon,
    normOffset: model.normOffset + originalNormOffset(model, planner, layersPrefix),
    isLayerNorm: model.layerNorm !== null,
    isParallel: model.isParallel,
    residualScale: model.residualScale,
    logitScale: model.logitScale,
    logitCap: model.logitCap,
    embeddingScale: model.embeddingScale,
    ropes: ropes.plans,
    layers,
    embedding: isFirstStage || (isLastStage && isTied) ? planner.matrix(planner.module(modules.embedding), vocabulary) : null,
    finalNorm: isLastStage ? planNorm(model, planner, `${modules.prefix}${modules.finalNorm ?? 'norm'}`) : null,
    head: isLastStage && !isTied ? planner.matrix(planner.module(modules.head), { ...vocabulary, hasBias: model.hasHeadBias }) : null,
    layerInputs: isFirstStage ? planLayerInputs(model, planner, modules.prefix) : null,
    layerInputWidth: model.layerInputs?.width ?? 0,
    laterLayers: model.layers - place.layers.end,
    receivedKeys: sharedKeys.received(),
    ...planStageMixes(model, planner, modules.prefix, place.layers, isLastStage),
    dequantize: place.dequantize,
    keepsState: model.states.some((state) => state !== null),
    ...planStageStreams(model, planner, modules.prefix, place.layers, isLastStage),
  }
}

function planLayer(
  model: DecoderDescription,
  planner: WeightPlanner,
  stage: { readonly ropes: RopeList; readonly sharedKeys: SharedKeys },
  prefix: string,
  index: number,
): LayerPlan {
  const norm = (name: string | null) => (name === null ? null : planNorm(model, planner, `${prefix}${name}`))
  const { norms } = model
  const half = model.halves[index] ?? 'both'
  return {
    ...(half === 'second'
      ? { inputNorm: null, queryKeyValue: [], attention: NO_ATTENTION, attentionOutput: [], beside: null, attentionOutputNorm: null }
      : {
          inputNorm: norm(norms.input),
          ...planFirstHalf(model, planner, stage, prefix, index),
          attentionOutputNorm: norm(norms.attentionOutput),
        }),
    ...(half === 'first'
      ? { feedForwardNorm: null, feedForwardOutputNorm: null, feedForward: planFeedForward(NO_FEED_FORWARD, planner, prefix, 0) }
      : {
          feedForwardNorm: norm(norms.feedForward),
          feedForwardOutputNorm: norm(norms.feedForwardOutput),
          feedForward: planFeedForward(model.feedForward[index] as FeedForwardDescription, planner, prefix, model.hiddenSize),
        }),
    layerInput: planLayerInput(model, planner, prefix),
    ...planLayerMixes(model, planner, prefix, index),
    ...planLayerStreams(model, planner, prefix),
    outputScale: model.layerScale === null ? null : planner.vector(`${prefix}${model.layerScale}`, 1),
  }
}

function planFirstHalf(
  model: DecoderDescription,
  planner: WeightPlanner,
  stage: { readonly ropes: RopeList; readonly sharedKeys: SharedKeys },
  prefix: string,
  index: number,
) {
  const state = model.states[index]
  if (state && !model.areStatesBeside) return { ...planState(model, state, planner, stage.ropes, prefix), beside: null }
  const beside = state ? planState(model, state, planner, stage.ropes, prefix) : null
  return { ...planOwnAttention(model, planner, stage, prefix, index), beside }
}

function planOwnAttention(
  model: DecoderDescription,
  planner: WeightPlanner,
  stage: { readonly ropes: RopeList; readonly sharedKeys: SharedKeys },
  prefix: string,
  index: number,
) {
  if (model.latent) return planLatentAttention(model, model.latent, planner, stage.ropes, prefix, index)
  if (model.tokenGroups) return planTokenGroups(model, model.tokenGroups, planner, stage.ropes, prefix, index)
  return planAttention(model, planner, stage, prefix, index)
}

/** Every rank has the whole of it: no sum over ranks. */
function planLayerInput(model: DecoderDescription, planner: WeightPlanner, prefix: string): LayerInputPlan | null {
  if (model.layerInputs === null) return null
  const { width, gate, up, outputNorm } = model.layerInputs
  return {
    gate: planner.matrix(planner.module(`${prefix}${gate}`), { outputs: width, inputs: model.hiddenSize }),
    up: planner.matrix(planner.module(`${prefix}${up}`), { outputs: model.hiddenSize, inputs: width }),
    norm: planNorm(model, planner, `${prefix}${outputNorm}`),
  }
}

function planLayerInputs(model: DecoderDescription, planner: WeightPlanner, prefix: string): LayerInputsPlan | null {
  if (model.layerInputs === null) return null
  const { width, vocabSize, embedding, projection, norm } = model.layerInputs
  const outputs = model.layers * width
  return {
    embedding: planner.matrix(planner.module(`${prefix}${embedding}`), { outputs: vocabSize, inputs: outputs }),
    embeddingScale: width ** 0.5,
    projection: planner.matrix(planner.module(`${prefix}${projection}`), { outputs, inputs: model.hiddenSize }),
    projectionScale: model.hiddenSize ** -0.5,
    norm: planner.vector(`${prefix}${norm}.weight`, width),
    scale: 0.5 ** 0.5,
  }
}

/**
 * The original checkpoints of models with delta nets hold the weights of norms less 1; mlx-lm adds it as it turns the convolutions.
 * @throws NativeError `model-unsupported` where the files have no convolution to tell
 */
function originalNormOffset(model: DecoderDescription, planner: WeightPlanner, layersPrefix: string): number {
  const deltaNets = model.states.map((state) => (state?.kind === 'delta-net' ? state : null))
  const found = deltaNets.flatMap((deltaNet, layer) => {
    const isOriginal = deltaNet && planner.isOriginalConvolution(`${layersPrefix}${layer}.${deltaNet.module}.conv1d.weight`)
    return isOriginal === null ? [] : [isOriginal]
  })
  const [isOriginal] = found
  if (isOriginal !== undefined) return isOriginal ? 1 : 0
  if (deltaNets.every((deltaNet) => deltaNet === null)) return 0
  throw new NativeError(
    'model-unsupported',
    'The files here hold no layer with a delta net, so that nobody can tell how their norms are stored. ' +
      'Give this device more layers, or the whole model.',
  )
}

function planNorm(model: DecoderDescription, planner: WeightPlanner, name: string): NormPlan {
  return {
    weight: planner.vector(`${name}.weight`, model.hiddenSize),
    bias: model.layerNorm?.hasBias ? planner.vector(`${name}.bias`, model.hiddenSize) : null,
  }
}
