import type { DecoderDescription } from '../../family/family.ts'
import type { StateDescription } from '../../family/parts/state-layers.ts'
import type { LayerPlan } from '../decoder-plan.ts'
import { planKeyDeltaNet } from './plan-key-delta-net.ts'
import { planLightning } from './plan-lightning.ts'
import { planDeltaNet } from './plan-delta-net.ts'
import { planMamba } from './plan-mamba.ts'
import { planShortConvolution } from './plan-short-convolution.ts'
import type { RopeList } from '../rope-list.ts'
import type { WeightPlanner } from '../weight-planner.ts'

/** Finds the tensors of a layer that keeps a state in place of keys and values. */
export function planState(
  model: DecoderDescription,
  state: StateDescription,
  planner: WeightPlanner,
  ropes: RopeList,
  prefix: string,
): Pick<LayerPlan, 'queryKeyValue' | 'attention' | 'attentionOutput'> {
  switch (state.kind) {
    case 'delta-net':
      return planDeltaNet(model, state, planner, prefix)
    case 'key-delta-net':
      return planKeyDeltaNet(model, state, planner, prefix)
    case 'lightning':
      return planLightning(model, state, planner, ropes, prefix)
    case 'mamba':
      return planMamba(model, state, planner, prefix)
    case 'short-convolution':
      return planShortConvolution(model, state, planner, prefix)
  }
}
