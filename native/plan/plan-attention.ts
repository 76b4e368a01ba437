import type { LayerRange } from '../../main/shared/shard.ts'
import type { DecoderDescription, LayerAttention } from '../family/family.ts'
import type { LayerPlan, MatrixSource } from './decoder-plan.ts'
import { NO_ATTENTION, NO_GROWTH } from './no-attention.ts'
import { planBlockIndex } from './plan-block-index.ts'
import type { RopeList } from './rope-list.ts'
import type { SharedKeys } from './shared-keys.ts'
import type { WeightPlanner } from './weight-planner.ts'

/**
 * Finds the tensors of a layer's first half.
 *
 * Tensor parallel: a rank has its share of the heads (query, key and value split by outputs, the output by inputs), and one sum over
 * ranks follows. Norms over whole rows need another sum, of the squares.
 *
 * @param prefix - of the layer's modules, with its dot
 */
export function planAttention(
  model: DecoderDescription,
  planner: WeightPlanner,
  { ropes, sharedKeys }: { readonly ropes: RopeList; readonly sharedKeys: SharedKeys },
  prefix: string,
  layer: number,
): Pick<LayerPlan, 'queryKeyValue' | 'attention' | 'attentionOutput'> {
  const own: LayerAttention = { ...commonAttention(model, layer), ...model.layerAttention[layer] }
  const { hiddenSize } = model
  const { headDim } = own
  const valueDim = own.valueDim ?? headDim
  const heads = planner.share(own.heads, `the model's ${own.heads} attention heads`)
  const kvHeads = planner.share(own.kvHeads, `the model's ${own.kvHeads} key-value heads`)
  const outputs = [own.heads * headDim, own.kvHeads * headDim, own.kvHeads * valueDim]
  const { queryKeyValue, output, queryNorm, keyNorm, sinks, gate } = model.attentionModules
  const isGatedInQuery = model.outputGate !== 'none' && gate === null
  const modules =
    queryKeyValue.length === 1
      ? planner.rowsOf(`${prefix}${queryKeyValue[0]}`, outputs)
      : queryKeyValue.map((name) => planner.module(`${prefix}${name}`))
  const isAbsent = [isGatedInQuery, own.keysOf !== null, own.keysOf !== null || own.areValuesKeys]
  const projections = modules.map((module, index) =>
    isAbsent[index]
      ? []
      : planner.matrix(module, {
          outputs: outputs[index] as number,
          inputs: hiddenSize,
          split: 'outputs',
          hasBias: model.hasQueryKeyValueBias,
        }),
  )
  const { projections: ofIndex, blockIndex } = planBlockIndex(own.blockIndex, hiddenSize, planner, ropes, prefix)
  const { queries, gates } = planGates(model, own, planner, prefix, heads)
  const norm = (name: string, count: number, share: { readonly start: number; readonly end: number }) => {
    if (!model.hasQueryKeyNorm) return null
    if (!model.isRowNormed) return planner.vector(`${prefix}${name}.weight`, headDim)
    const whole = planner.vector(`${prefix}${name}.weight`, count * headDim)
    return { ...whole, columnRange: { start: share.start * headDim, end: share.end * headDim } }
  }
  const isRowNormed = model.hasQueryKeyNorm && model.isRowNormed
  return {
    queryKeyValue: [...queries, ...projections.flat(), ...gates, ...ofIndex],
    attention: {
      ...NO_ATTENTION,
      ...sharedKeys.of(layer),
      heads: heads.end - heads.start,
      kvHeads: kvHeads.end - kvHeads.start,
      headDim,
      valueDim,
      scale: own.attentionScale,
      windowTokens: model.windowTokens[layer] ?? 0,
      rope: ropes.indexOf(own.rope),
      queryNorm: norm(queryNorm, own.heads, heads),
      keyNorm: own.keysOf === null ? norm(keyNorm, own.kvHeads, kvHeads) : null,
      normedQueryWidth: isRowNormed ? own.heads * headDim : 0,
      normedKeyWidth: isRowNormed ? own.kvHeads * headDim : 0,
      isNormedAfterRotation: model.isNormedAfterRotation,
      areHeadsNormed: model.areHeadsNormed,
      areValuesKeys: own.areValuesKeys,
      areValuesNormed: model.areValuesNormed,
      valueScale: model.valueScale,
      softCap: model.softCap,
      queryGrowth: own.queryGrowth ?? NO_GROWTH,
      outputGate: model.outputGate,
      blockIndex,
      sinks: own.hasAttentionSinks ? { ...planner.vector(`${prefix}${sinks}`, own.heads), columnRange: heads } : null,
    },
    attentionOutput: [
      planner.matrix(planner.module(`${prefix}${output}`), {
        outputs: hiddenSize,
        inputs: own.heads * valueDim,
        split: 'inputs',
        hasBias: model.hasAttentionOutputBias,
      }),
    ],
  }
}

/** The gates of the attention's results, and the queries if both are interleaved by head. */
function planGates(
  model: DecoderDescription,
  { heads: count, headDim, valueDim }: LayerAttention,
  planner: WeightPlanner,
  prefix: string,
  heads: LayerRange,
): { queries: MatrixSource[]; gates: MatrixSource[] } {
  const { gate, queryKeyValue } = model.attentionModules
  const inputs = model.hiddenSize
  if (model.outputGate === 'none') return { queries: [], gates: [] }
  if (gate !== null) {
    const outputs = model.outputGate === 'element-sigmoid' ? count * (valueDim ?? headDim) : count
    return { queries: [], gates: [planner.matrix(planner.module(`${prefix}${gate}`), { outputs, inputs, split: 'outputs' })] }
  }
  const rows = planner
    .rowsOf(`${prefix}${queryKeyValue[0]}`, new Array<number>(2 * count).fill(headDim))
    .map((module) => planner.matrix(module, { outputs: headDim, inputs, hasBias: model.hasQueryKeyValueBias }))
    .slice(2 * heads.start, 2 * heads.end)
  return { queries: rows.filter((_, index) => index % 2 === 0), gates: rows.filter((_, index) => index % 2 === 1) }
}

/** The attention that all layers share, except for their windows. */
function commonAttention(model: DecoderDescription, layer: number): LayerAttention {
  const { heads, kvHeads, headDim, attentionScale, hasAttentionSinks } = model
  const isWindowed = (model.windowTokens[layer] ?? 0) > 0
  return {
    heads,
    kvHeads,
    headDim,
    valueDim: null,
    rope: isWindowed ? (model.windowRope ?? model.rope) : model.rope,
    attentionScale,
    hasAttentionSinks,
    queryGrowth: null,
    keysOf: null,
    areValuesKeys: false,
    blockIndex: null,
  }
}
