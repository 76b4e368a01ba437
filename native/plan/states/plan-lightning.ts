import type { DecoderDescription } from '../../family/family.ts'
import type { LightningDescription } from '../../family/parts/state-layers.ts'
import type { LayerPlan } from '../decoder-plan.ts'
import { NO_ATTENTION } from '../no-attention.ts'
import type { RopeList } from '../rope-list.ts'
import type { WeightPlanner } from '../weight-planner.ts'

/**
 * Finds the tensors of a layer of lightning attention.
 *
 * Tensor parallel: a rank has its share of the heads, and of the parts of the results' norm. One sum over ranks follows.
 *
 * @param prefix - the prefix of the layer's modules, with its dot
 */
export function planLightning(
  { hiddenSize }: DecoderDescription,
  lightning: LightningDescription,
  planner: WeightPlanner,
  ropes: RopeList,
  prefix: string,
): Pick<LayerPlan, 'queryKeyValue' | 'attention' | 'attentionOutput'> {
  const { heads, headDim, fading, hasHeadNorms, normGroups, normEpsilon, rope, hasInputBias, hasOutputBias } = lightning
  const name = `${prefix}${lightning.module}.`
  const width = heads * headDim
  const own = planner.share(heads, `the model's ${heads} heads of lightning attention`)
  const ownNorms = planner.share(normGroups, `the ${normGroups} parts of the norm of lightning attention`)
  const headNorm = (tensor: string) => (hasHeadNorms ? planner.vector(`${name}${tensor}.weight`, headDim) : null)
  const split = 'outputs' as const
  return {
    queryKeyValue: [
      ...planner
        .rowsOf(`${name}query_key_value`, [width, width, width])
        .map((module) => planner.matrix(module, { outputs: width, inputs: hiddenSize, split, hasBias: hasInputBias })),
      planner.matrix(planner.module(`${name}g_proj`), { outputs: width, inputs: hiddenSize, split }),
    ],
    attention: {
      ...NO_ATTENTION,
      rope: ropes.indexOf(rope),
      lightning: {
        heads: own.end - own.start,
        headDim,
        fading: Float32Array.from(fading.slice(own.start, own.end)),
        queryScale: headDim ** -0.5,
        queryNorm: headNorm('query_layernorm'),
        keyNorm: headNorm('key_layernorm'),
        norm: { ...planner.vector(`${name}g_norm.weight`, width), columnRange: { start: own.start * headDim, end: own.end * headDim } },
        normGroups: ownNorms.end - ownNorms.start,
        normEpsilon,
      },
    },
    attentionOutput: [
      planner.matrix(planner.module(`${name}dense`), { outputs: hiddenSize, inputs: width, split: 'inputs', hasBias: hasOutputBias }),
    ],
  }
}
