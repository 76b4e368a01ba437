import type { LayerRange } from '../../main/shared/shard.ts'
import type { DecoderDescription } from '../family/family.ts'
import type { MixNames } from '../family/parts/residual-mixes.ts'
import type { DecoderPlan, LayerPlan, ResidualMixPlan } from './decoder-plan.ts'
import type { WeightPlanner } from './weight-planner.ts'

/** What the halves of a layer read. Every rank has the whole of it. @param prefix - of the layer's modules, with its dot */
export function planLayerMixes(
  { residualMixes: mixes, hiddenSize }: DecoderDescription,
  planner: WeightPlanner,
  prefix: string,
  layer: number,
): Pick<LayerPlan, 'attentionMix' | 'feedForwardMix' | 'beginsBlock'> {
  if (mixes === null) return { attentionMix: null, feedForwardMix: null, beginsBlock: false }
  return {
    attentionMix: planMix(mixes.attention, planner, prefix, hiddenSize),
    feedForwardMix: planMix(mixes.feedForward, planner, prefix, hiddenSize),
    beginsBlock: layer % mixes.blockLayers === 0,
  }
}

/** What a stage receives of earlier blocks, and what the last one's final norm reads. */
export function planStageMixes(
  { residualMixes: mixes, hiddenSize }: DecoderDescription,
  planner: WeightPlanner,
  prefix: string,
  { start }: LayerRange,
  isLastStage: boolean,
): Pick<DecoderPlan, 'receivedBlocks' | 'outputMix'> {
  if (mixes === null) return { receivedBlocks: 0, outputMix: null }
  return {
    receivedBlocks: Math.ceil(start / mixes.blockLayers),
    outputMix: isLastStage ? planMix(mixes.output, planner, prefix, hiddenSize) : null,
  }
}

function planMix(names: MixNames, planner: WeightPlanner, prefix: string, hiddenSize: number): ResidualMixPlan {
  return {
    norm: planner.vector(`${prefix}${names.norm}.weight`, hiddenSize),
    projection: planner.vectorOf(`${prefix}${names.projection}.weight`, hiddenSize),
  }
}
