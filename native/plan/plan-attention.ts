import type { DecoderDescription } from '../family/family.ts'
import type { LayerPlan } from './decoder-plan.ts'
import type { WeightPlanner } from './weight-planner.ts'

/**
 * Finds the tensors of a layer's first half.
 *
 * Tensor parallel: a rank has its share of the heads (query, key and value by outputs, the output by inputs); one sum over
 * ranks follows.
 *
 * @param prefix - of the layer's modules, with its dot
 */
export function planAttention(
  model: DecoderDescription,
  planner: WeightPlanner,
  prefix: string,
  layer: number,
): Pick<LayerPlan, 'queryKeyValue' | 'attention' | 'attentionOutput'> {
  const { hiddenSize, headDim } = model
  const windowTokens = model.windowTokens[layer] ?? 0
  const heads = planner.share(model.heads, `the model's ${model.heads} attention heads`)
  const kvHeads = planner.share(model.kvHeads, `the model's ${model.kvHeads} key-value heads`)
  const outputs = [model.heads * headDim, model.kvHeads * headDim, model.kvHeads * headDim]
  const { queryKeyValue, output, queryNorm, keyNorm } = model.attentionModules
  const modules =
    queryKeyValue.length === 1
      ? planner.rowsOf(`${prefix}${queryKeyValue[0]}`, outputs)
      : queryKeyValue.map((name) => planner.module(`${prefix}${name}`))
  const headNorm = (name: string) => (model.hasQueryKeyNorm ? planner.vector(`${prefix}${name}.weight`, headDim) : null)
  return {
    queryKeyValue: modules.map((module, index) =>
      planner.matrix(module, {
        outputs: outputs[index] as number,
        inputs: hiddenSize,
        split: 'outputs',
        hasBias: model.hasQueryKeyValueBias,
      }),
    ),
    attention: {
      heads: heads.end - heads.start,
      kvHeads: kvHeads.end - kvHeads.start,
      headDim,
      scale: model.attentionScale,
      windowTokens,
      rope: windowTokens > 0 && model.windowRope ? 1 : 0,
      queryNorm: headNorm(queryNorm),
      keyNorm: headNorm(keyNorm),
      sinks: model.hasAttentionSinks ? { ...planner.vector(`${prefix}self_attn.sinks`, model.heads), columnRange: heads } : null,
      latent: null,
    },
    attentionOutput: [
      planner.matrix(planner.module(`${prefix}${output}`), {
        outputs: hiddenSize,
        inputs: model.heads * headDim,
        split: 'inputs',
        hasBias: model.hasAttentionOutputBias,
      }),
    ],
  }
}
