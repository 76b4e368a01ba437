import type { DecoderDescription } from '../../family/family.ts'
import type { MambaDescription } from '../../family/parts/state-layers.ts'
import type { LayerPlan } from '../decoder-plan.ts'
import { NO_ATTENTION } from '../no-attention.ts'
import type { WeightPlanner } from '../weight-planner.ts'

/**
 * Finds the tensors of a Mamba 2 layer.
 *
 * Tensor parallel: a rank has its share of the heads and of the groups, or a part of a group, the projections, the convolution's channels
 * and the output's inputs. One sum over ranks follows, after one of a number per token if the norm covers all heads.
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
  const ownGroups = planner.shareOrRepeat(groups, `the model's ${groups} groups of Mamba heads`)
  const ownHeads = planner.share(heads, `the model's ${heads} Mamba heads`)
  const isNormedAsOne = normGroups === 1
  const ownNorms =
    mamba.hasNorm && !isNormedAsOne
      ? planner.share(normGroups, `the ${normGroups} parts of the norm of Mamba layers`)
      : { start: 0, end: 1 }
  const [width, directions] = [heads * headDim, groups * stateDim]
  const values = { start: ownHeads.start * headDim, end: ownHeads.end * headDim }
  const channels = (first: number) => ({ start: first + ownGroups.start * stateDim, end: first + ownGroups.end * stateDim })
  const parts = [values, channels(width), channels(width + directions)]
  const inProjection = width + width + 2 * directions + heads
  const rows = (first: number, outputs: number, split: 'outputs' | 'none' = 'outputs') =>
    planner.matrix(planner.rowsAt(`${name}in_proj`, { start: first, end: first + outputs }, inProjection), {
      outputs,
      inputs: hiddenSize,
      split,
      hasBias,
    })
  // Ranks may share a group, so its rows are not split evenly.
  const ownRows = (ownGroups.end - ownGroups.start) * stateDim
  const ofGroups = (first: number) => rows(first + ownGroups.start * stateDim, ownRows, 'none')
  const ofHeads = (tensor: string) => ({ ...planner.vector(`${name}${tensor}`, heads), columnRange: ownHeads })
  if (mamba.isConvertedOnly) planner.refuseOriginalConvolution(`${name}conv1d`)
  const convolution = planner.convolution(`${name}conv1d.weight`, width + 2 * directions, kernel)
  const bias = mamba.hasConvolutionBias ? planner.vector(`${name}conv1d.bias`, width + 2 * directions) : null
  return {
    queryKeyValue: [
      rows(0, width),
      rows(width, width),
      ofGroups(2 * width),
      ofGroups(2 * width + directions),
      rows(2 * width + 2 * directions, heads),
    ],
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
        norm: mamba.hasNorm ? { ...planner.vector(`${name}norm.weight`, width), columnRange: values } : null,
        normGroups: ownNorms.end - ownNorms.start,
        normedWidth: mamba.hasNorm && isNormedAsOne ? width : 0,
        normEpsilon,
      },
    },
    attentionOutput: [
      planner.matrix(planner.module(`${name}out_proj`), {
        outputs: hiddenSize,
        inputs: width,
        split: 'inputs',
        hasBias: mamba.hasOutputBias ?? hasBias,
      }),
    ],
  }
}
