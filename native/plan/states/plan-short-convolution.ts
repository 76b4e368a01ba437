import type { DecoderDescription } from '../../family/family.ts'
import type { ShortConvolutionDescription } from '../../family/parts/state-layers.ts'
import type { LayerPlan } from '../decoder-plan.ts'
import { NO_ATTENTION } from '../no-attention.ts'
import type { WeightPlanner } from '../weight-planner.ts'

/**
 * Finds the tensors of a gated short convolution.
 *
 * Tensor parallel: a rank has its share of the channels, of all projections by outputs and of the last one by inputs. One sum over
 * ranks follows.
 *
 * @param prefix - the prefix of the layer's modules, with its dot
 */
export function planShortConvolution(
  { hiddenSize }: DecoderDescription,
  { kernel, hasBias, module }: ShortConvolutionDescription,
  planner: WeightPlanner,
  prefix: string,
): Pick<LayerPlan, 'queryKeyValue' | 'attention' | 'attentionOutput'> {
  const name = `${prefix}${module}.`
  const own = planner.share(hiddenSize, `the ${hiddenSize} channels of short convolutions`)
  const rows = [hiddenSize, hiddenSize, hiddenSize]
  return {
    queryKeyValue: planner
      .rowsOf(`${name}in_proj`, rows)
      .map((part) => planner.matrix(part, { outputs: hiddenSize, inputs: hiddenSize, split: 'outputs', hasBias })),
    attention: {
      ...NO_ATTENTION,
      shortConvolution: {
        channels: own.end - own.start,
        kernel,
        convolution: { ...planner.convolution(`${name}conv.weight`, hiddenSize, kernel), rowRange: own },
        bias: hasBias ? { ...planner.vector(`${name}conv.bias`, hiddenSize), columnRange: own } : null,
      },
    },
    attentionOutput: [
      planner.matrix(planner.module(`${name}out_proj`), { outputs: hiddenSize, inputs: hiddenSize, split: 'inputs', hasBias }),
    ],
  }
}
