import type { DecoderDescription } from '../family/family.ts'
import type { LatentDescription, SparseIndexDescription } from '../family/parts/latent-attention.ts'
import { NO_ATTENTION, NO_GROWTH } from './no-attention.ts'
import type { LatentPlan, LayerPlan, SparseIndexPlan } from './decoder-plan.ts'
import type { RopeList } from './rope-list.ts'
import type { WeightPlanner } from './weight-planner.ts'

/**
 * Finds the tensors of a layer's latent attention, in the layout of mlx-lm (`embed_q` and `unembed_out`, a matrix per head)
 * or of the original checkpoints (`kv_b_proj`, with both interleaved in the rows of one matrix).
 *
 * Tensor parallel: a rank has its share of the heads (queries split by outputs, the two matrices per head, the output by
 * inputs). The narrow layers, and so the cached latents, are the same on every rank. One sum over ranks follows.
 *
 * @param prefix - of the layer's modules, with its dot
 */
export function planLatentAttention(
  model: DecoderDescription,
  latent: LatentDescription,
  planner: WeightPlanner,
  ropes: RopeList,
  prefix: string,
  layer: number,
): Pick<LayerPlan, 'queryKeyValue' | 'attention' | 'attentionOutput'> {
  const { hiddenSize } = model
  const { latentDim, rotatedDim, plainDim, valueDim, queryDim, hasNarrowBias, normEpsilon, index } = latent
  const place = `${prefix}${latent.module ?? 'self_attn'}.`
  const module = (name: string) => planner.module(`${place}${name}`)
  const norm = (name: string, size: number) => planner.vector(`${place}${name}.weight`, size)
  const heads = planner.share(model.heads, `the model's ${model.heads} attention heads`)
  const query = { outputs: model.heads * (plainDim + rotatedDim), split: 'outputs' } as const
  const narrow = { inputs: hiddenSize, hasBias: hasNarrowBias } as const
  return {
    queryKeyValue: [
      queryDim === null
        ? planner.matrix(module('q_proj'), { ...query, inputs: hiddenSize })
        : planner.matrix(module('q_a_proj'), { ...narrow, outputs: queryDim }),
      planner.matrix(module('kv_a_proj_with_mqa'), { ...narrow, outputs: latentDim + rotatedDim }),
      ...(index === undefined
        ? []
        : [
            planner.matrix(module(`${index.module}.wk`), { outputs: index.dim, inputs: hiddenSize }),
            planner.matrix(module(`${index.module}.weights_proj`), { outputs: index.heads, inputs: hiddenSize }),
          ]),
      ...(latent.gate === undefined
        ? []
        : [planner.matrix(module(latent.gate), { outputs: model.heads * valueDim, inputs: hiddenSize, split: 'outputs' })]),
    ],
    attention: {
      ...NO_ATTENTION,
      heads: heads.end - heads.start,
      kvHeads: 1,
      headDim: latentDim + rotatedDim + (index?.dim ?? 0),
      valueDim,
      queryGrowth: model.layerAttention[layer]?.queryGrowth ?? NO_GROWTH,
      scale: model.attentionScale,
      outputGate: latent.gate === undefined ? 'none' : 'element-sigmoid',
      latent: {
        latentDim,
        rotatedDim,
        plainDim,
        valueDim,
        normEpsilon,
        queryNorm: queryDim === null ? null : norm('q_a_layernorm', queryDim),
        queryUp: queryDim === null ? null : planner.matrix(module('q_b_proj'), { ...query, inputs: queryDim }),
        latentNorm: norm('kv_a_layernorm', latentDim),
        index: index === undefined ? null : planIndex(index, queryDim ?? 0, planner, ropes, `${place}${index.module}.`),
        ...planHeads(model.heads, heads, latent, planner, place),
      },
    },
    attentionOutput: [
      planner.matrix(module(latent.output ?? 'o_proj'), {
        outputs: hiddenSize,
        inputs: model.heads * valueDim,
        split: 'inputs',
        hasBias: model.hasAttentionOutputBias,
      }),
    ],
  }
}

/** Every rank has the whole of it, since all heads see the same tokens. */
function planIndex(
  { heads, dim, chosen, rope }: SparseIndexDescription,
  queryDim: number,
  planner: WeightPlanner,
  ropes: RopeList,
  place: string,
): SparseIndexPlan {
  return {
    heads,
    dim,
    chosen,
    rope: ropes.indexOf(rope),
    queryUp: planner.matrix(planner.module(`${place}wq_b`), { outputs: heads * dim, inputs: queryDim }),
    keyNorm: planner.vector(`${place}k_norm.weight`, dim),
    keyNormBias: planner.vector(`${place}k_norm.bias`, dim),
  }
}

function planHeads(
  count: number,
  { start, end }: { start: number; end: number },
  { latentDim, plainDim, valueDim }: LatentDescription,
  planner: WeightPlanner,
  prefix: string,
): Pick<LatentPlan, 'toLatent' | 'isKeyLayout' | 'fromLatent'> {
  if (planner.has(`${prefix}kv_b_proj`)) {
    const rows = planner.rowsOf(
      `${prefix}kv_b_proj`,
      Array.from({ length: 2 * count }, (_, index) => (index % 2 === 0 ? plainDim : valueDim)),
    )
    const pick = (offset: number, outputs: number) =>
      Array.from({ length: end - start }, (_, head) =>
        planner.matrix(rows[2 * (start + head) + offset] as (typeof rows)[number], { outputs, inputs: latentDim }),
      )
    return { toLatent: pick(0, plainDim), isKeyLayout: true, fromLatent: pick(1, valueDim) }
  }
  const perHead = (name: string, outputs: number, inputs: number) =>
    planner
      .experts(`${prefix}${name}`, null, count)
      .slice(start, end)
      .map((module) => planner.matrix(module, { outputs, inputs }))
  return { toLatent: perHead('embed_q', latentDim, plainDim), isKeyLayout: false, fromLatent: perHead('unembed_out', valueDim, latentDim) }
}
