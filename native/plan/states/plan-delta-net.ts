import type { DecoderDescription } from '../../family/family.ts'
import type { DeltaNetDescription } from '../../family/parts/delta-net.ts'
import type { LayerPlan, MatrixSource } from '../decoder-plan.ts'
import { NO_ATTENTION } from '../no-attention.ts'
import type { WeightPlanner } from '../weight-planner.ts'

/**
 * Finds the tensors of a layer's delta net.
 *
 * Tensor parallel: a rank has its share of the key heads and of the value heads that they serve, the projections, the
 * convolution's channels and the output's inputs. One sum over ranks follows.
 *
 * @param prefix - the prefix of the layer's modules, with its dot
 */
export function planDeltaNet(
  model: DecoderDescription,
  deltaNet: DeltaNetDescription,
  planner: WeightPlanner,
  prefix: string,
): Pick<LayerPlan, 'queryKeyValue' | 'attention' | 'attentionOutput'> {
  const { keyHeads, valueHeads, keyDim, valueDim, kernel, normEpsilon } = deltaNet
  const name = `${prefix}${deltaNet.module}.`
  const keys = planner.share(keyHeads, `the model's ${keyHeads} key heads of delta nets`)
  const values = planner.share(valueHeads, `the model's ${valueHeads} value heads of delta nets`)
  const widths = { key: keyHeads * keyDim, value: valueHeads * valueDim }
  const whole = planner.convolution(`${name}conv1d.weight`, 2 * widths.key + widths.value, kernel)
  const channels = (first: number, start: number, end: number) => ({ ...whole, rowRange: { start: first + start, end: first + end } })
  const ofKeys = (first: number) => channels(first, keys.start * keyDim, keys.end * keyDim)
  const ofHeads = (tensor: string) => ({ ...planner.vector(`${name}${tensor}`, valueHeads), columnRange: values })
  return {
    queryKeyValue: deltaNet.isByKeyHead
      ? rowsByKeyHead(model.hiddenSize, deltaNet, planner, name, keys)
      : rowsByKind(model.hiddenSize, deltaNet, planner, name),
    attention: {
      ...NO_ATTENTION,
      deltaNet: {
        keyHeads: keys.end - keys.start,
        valueHeads: values.end - values.start,
        keyDim,
        valueDim,
        kernel,
        normEpsilon,
        convolution: [ofKeys(0), ofKeys(widths.key), channels(2 * widths.key, values.start * valueDim, values.end * valueDim)],
        decayLog: ofHeads('A_log'),
        stepBias: ofHeads('dt_bias'),
        norm: planner.vector(`${name}norm.weight`, valueDim),
        decayUp: null,
        gateUp: null,
        decayBound: 0,
        isGateSigmoid: false,
      },
    },
    attentionOutput: [
      planner.matrix(planner.module(`${name}out_proj`), { outputs: model.hiddenSize, inputs: widths.value, split: 'inputs' }),
    ],
  }
}

function rowsByKind(inputs: number, deltaNet: DeltaNetDescription, planner: WeightPlanner, name: string): MatrixSource[] {
  const { keyHeads, valueHeads, keyDim, valueDim } = deltaNet
  const [key, value] = [keyHeads * keyDim, valueHeads * valueDim]
  const rows = [key, key, value]
  return [
    ...planner
      .rowsOf(`${name}in_proj_qkv`, rows)
      .map((module, index) => planner.matrix(module, { outputs: rows[index] as number, inputs, split: 'outputs' })),
    planner.matrix(planner.module(`${name}in_proj_z`), { outputs: value, inputs, split: 'outputs' }),
    ...['in_proj_b', 'in_proj_a'].map((module) =>
      planner.matrix(planner.module(`${name}${module}`), { outputs: valueHeads, inputs, split: 'outputs' }),
    ),
  ]
}

/** The queries of all heads of this rank, then their keys and so on, from projections that are ordered by head. */
function rowsByKeyHead(
  inputs: number,
  { keyHeads, valueHeads, keyDim, valueDim }: DeltaNetDescription,
  planner: WeightPlanner,
  name: string,
  own: { readonly start: number; readonly end: number },
): MatrixSource[] {
  const served = valueHeads / keyHeads
  const byKind = (module: string, rows: readonly number[]): MatrixSource[] => {
    const all = planner.rowsOf(`${name}${module}`, Array.from({ length: keyHeads }, () => rows).flat())
    return rows.flatMap((outputs, kind) =>
      all
        .filter((_, index) => index % rows.length === kind)
        .slice(own.start, own.end)
        .map((each) => planner.matrix(each, { outputs, inputs })),
    )
  }
  return [...byKind('in_proj_qkvz', [keyDim, keyDim, served * valueDim, served * valueDim]), ...byKind('in_proj_ba', [served, served])]
}
