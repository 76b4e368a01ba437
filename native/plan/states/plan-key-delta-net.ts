import type { LayerRange } from '../../../main/shared/shard.ts'
import type { DecoderDescription } from '../../family/family.ts'
import type { KeyDeltaNetDescription } from '../../family/parts/state-layers.ts'
import type { LayerPlan } from '../decoder-plan.ts'
import { NO_ATTENTION } from '../no-attention.ts'
import type { WeightPlanner } from '../weight-planner.ts'

/**
 * Finds the tensors of a layer's delta net whose decays differ by dimension (KDA).
 *
 * Tensor parallel: a rank has its share of the heads: of the projections, the convolutions' channels, the wide halves of gates and decays,
 * and the output's inputs. Their narrow halves are whole on every rank. One sum over ranks follows.
 *
 * @param prefix - the prefix of the layer's modules, with its dot
 */
export function planKeyDeltaNet(
  { hiddenSize }: DecoderDescription,
  { heads, headDim, kernel, normEpsilon, module, decayBound = 0, hasWideGate = false }: KeyDeltaNetDescription,
  planner: WeightPlanner,
  prefix: string,
): Pick<LayerPlan, 'queryKeyValue' | 'attention' | 'attentionOutput'> {
  const name = `${prefix}${module}.`
  const width = heads * headDim
  const own = planner.share(heads, `the model's ${heads} heads of delta nets`)
  const channels = { start: own.start * headDim, end: own.end * headDim }
  const from = (tensor: string, outputs: number) =>
    planner.matrix(planner.module(`${name}${tensor}`), { outputs, inputs: hiddenSize, split: 'outputs' })
  const narrow = (tensor: string) => planner.matrix(planner.module(`${name}${tensor}`), { outputs: headDim, inputs: hiddenSize })
  const wide = (tensor: string) => planner.matrix(planner.module(`${name}${tensor}`), { outputs: width, inputs: headDim, split: 'outputs' })
  const parts = planner.has(`${name}qkv_proj`)
    ? planner.rowsOf(`${name}qkv_proj`, [width, width, width])
    : ['q_proj', 'k_proj', 'v_proj'].map((tensor) => planner.module(`${name}${tensor}`))
  return {
    queryKeyValue: [
      ...parts.map((part) => planner.matrix(part, { outputs: width, inputs: hiddenSize, split: 'outputs' })),
      hasWideGate ? from('g_proj', width) : narrow('g_a_proj'),
      from('b_proj', heads),
      narrow('f_a_proj'),
    ],
    attention: {
      ...NO_ATTENTION,
      deltaNet: {
        keyHeads: own.end - own.start,
        valueHeads: own.end - own.start,
        keyDim: headDim,
        valueDim: headDim,
        kernel,
        normEpsilon,
        convolution: planConvolutions(planner, name, width, kernel, channels),
        decayLog: { ...planner.vectorOf(`${name}A_log`, heads), columnRange: own },
        stepBias: { ...planner.vectorOf(`${name}dt_bias`, width), columnRange: channels },
        norm: planner.vector(`${name}o_norm.weight`, headDim),
        decayUp: wide('f_b_proj'),
        gateUp: hasWideGate ? null : wide('g_b_proj'),
        decayBound,
        isGateSigmoid: true,
      },
    },
    attentionOutput: [planner.matrix(planner.module(`${name}o_proj`), { outputs: hiddenSize, inputs: width, split: 'inputs' })],
  }
}

/** The convolutions of queries, keys and values, which versions for MLX may store as one. @param channels - this rank's of each */
function planConvolutions(planner: WeightPlanner, name: string, width: number, kernel: number, channels: LayerRange) {
  if (!planner.has(`${name}qkv_conv.conv`))
    return ['q', 'k', 'v'].map((part) => ({ ...planConvolution(planner, `${name}${part}_conv`, width, kernel), rowRange: channels }))
  const all = planner.convolution(`${name}qkv_conv.conv.weight`, 3 * width, kernel)
  return [0, 1, 2].map((part) => ({
    ...all,
    rowRange: { start: part * width + channels.start, end: part * width + channels.end },
  }))
}

/** The original checkpoints name the convolutions otherwise. */
function planConvolution(planner: WeightPlanner, name: string, channels: number, kernel: number) {
  const original = `${name}1d`
  return planner.convolution(planner.has(original) ? `${original}.weight` : `${name}.conv.weight`, channels, kernel)
}
