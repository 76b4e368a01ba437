import type { DecoderDescription } from '../family/family.ts'
import type { MambaDescription } from '../family/parts/state-layers.ts'
import type { LayerPlan } from './decoder-plan.ts'
import { NO_ATTENTION } from './no-attention.ts'
import type { WeightPlanner } from './weight-planner.ts'

/**
 * Finds the tensors of a Mamba 2 layer.
 *
 * Tensor parallel: a rank has its share of the groups and of their heads, the projections, the convolution's channels and the
 * output's inputs. One sum over ranks follows. A norm over all heads allows no more ranks than one.
 *
 * @param prefix - the prefix of the layer's modules, with its dot
 */
export function planMamba(
  { hiddenSize }: DecoderDescription,
  mamba: MambaDescription,
  planner: WeightPlanner,
  prefix: string,
): Pick<LayerPlan, 'queryKeyValue' | 'attention' | 'attentionOutput'> {
  const { heads, groups, headDim, stateDim, kernel, normGroups, normEpsilon, hasProjectionBias: hasBias } = mamba
  const name = `${prefix}${mamba.module}.`
  const ownGroups = planner.share(groups, `the model's ${groups} groups of Mamba heads`)
  const ownHeads = planner.share(heads, `the model's ${heads} Mamba heads`)
  const ownNorms = planner.share(normGroups, `the ${normGroups} parts of the norm of Mamba layers`)
  const [width, directions] = [heads * headDim, groups * stateDim]
  const values = { start: ownHeads.start * headDim, end: ownHeads.end * headDim }
  const channels = (first: number) => ({ start: first + ownGroups.start * stateDim, end: first + ownGroups.end * stateDim })
  const parts = [values, channels(width), channels(width + directions)]
  const rows = [width, width, directions, directions, heads]
  const ofHeads = (tensor: string) => ({ ...planner.vector(`${name}${tensor}`, heads), columnRange: ownHeads })
  const convolution = planner.convolution(`${name}conv1d.weight`, width + 2 * directions, kernel)
  const bias = mamba.hasConvolutionBias ? planner.vector(`${name}conv1d.bias`, width + 2 * directions) : null
  return {
    queryKeyValue: planner
      .rowsOf(`${name}in_proj`, rows)
      .map((module, index) => planner.matrix(module, { outputs: rows[index] as number, inputs: hiddenSize, split: 'outputs', hasBias })),
    attention: {
      ...NO_ATTENTION,
      mamba: {
        heads: ownHeads.end - ownHeads.start,
        groups: ownGroups.end - ownGroups.start,
        headDim,
        stateDim,
        kernel,
        leastStep: mamba.stepRange[0],
        largestStep: mamba.stepRange[1],
        convolution: parts.map((rowRange) => ({ ...convolution, rowRange })),
        convolutionBias: bias === null ? [] : parts.map((columnRange) => ({ ...bias, columnRange })),
        decayLog: ofHeads('A_log'),
        stepBias: ofHeads('dt_bias'),
        skip: ofHeads('D'),
        norm: { ...planner.vector(`${name}norm.weight`, width), columnRange: values },
        normGroups: ownNorms.end - ownNorms.start,
        normEpsilon,
      },
    },
    attentionOutput: [planner.matrix(planner.module(`${name}out_proj`), { outputs: hiddenSize, inputs: width, split: 'inputs', hasBias })],
  }
}
