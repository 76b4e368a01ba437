import type { StoredTensor } from '../tensor-catalog.ts'
import type { ForeignConfig } from './foreign-config.ts'
import { floatType, type ForeignModule, isFloat, storedMatrix } from './foreign-module.ts'

/** AutoAWQ packs the outputs of a row of inputs; GPTQ packs the inputs of a column of outputs. */
export function fromQuantizedWeight(module: ForeignModule, config: ForeignConfig): StoredTensor[] {
  const [scales, zeros] = [module.get('scales'), module.get('qzeros')]
  const [groups = 0, outputs = 0] = scales.shape
  const [first = 0, second = 0] = module.tensor.shape
  const bits = ((zeros.shape[1] ?? 0) * 32) / outputs
  const isGptq = second === outputs
  if (![2, 3, 4, 8].includes(bits) || zeros.shape[0] !== groups || !(isGptq || second * 32 === outputs * bits)) throw module.damaged()
  const inputs = isGptq ? (first * 32) / bits : first
  const layout = (isGptq ? config.checkpoint_format : config.version)?.toLowerCase() ?? ''
  if (!['', 'gptq', 'gptq_v2', 'gemm'].includes(layout)) throw module.unsupported(`in the layout "${layout}"`)
  if (!isGptq && bits !== 4) throw module.unsupported(`by AutoAWQ in ${bits} bits`)
  const type = floatType(scales)
  const of = { bits, zeroOffset: isGptq && layout !== 'gptq_v2' ? 1 : 0 }
  if (isGptq && config.desc_act === true) {
    const order = module.get('g_idx')
    if (order.type !== 'I32' || order.shape.join() !== `${inputs}`) throw module.damaged()
    const from = [storedMatrix(module.tensor, 'U32'), storedMatrix(scales, type), storedMatrix(zeros, 'U32'), storedMatrix(order, 'U32')]
    return module.requantized([outputs, inputs], { ...of, layout: 'ordered-columns', from })
  }
  module.checkGroups(inputs, groups)
  return [
    module.present('weight', 'U32', [outputs, (inputs * bits) / 32], {
      ...of,
      kind: isGptq ? 'transposed' : 'awq-words',
      from: [storedMatrix(module.tensor, 'U32')],
    }),
    module.present('scales', type, [outputs, groups], { ...of, kind: 'transposed', from: [storedMatrix(scales, type)] }),
    module.present('biases', type, [outputs, groups], {
      ...of,
      kind: isGptq ? 'gptq-biases' : 'awq-biases',
      from: [storedMatrix(scales, type), storedMatrix(zeros, 'U32')],
    }),
  ]
}

/** compressed-tensors' `pack-quantized`: numbers as MLX packs them, counted from the lowest. */
export function fromPackedWeight(module: ForeignModule, config: ForeignConfig): StoredTensor[] {
  const { tensor } = module
  const scales = module.get('weight_scale')
  if (tensor.type !== 'I32' || !isFloat(scales)) throw module.unsupported(`as ${tensor.type} with scales of type ${scales.type}`)
  const bits = Object.values(config.config_groups ?? {}).find(({ weights }) => weights)?.weights?.num_bits ?? 4
  if (bits !== 4 && bits !== 8) throw module.unsupported(`in ${bits} bits`)
  const [outputs = 0, words = 0] = tensor.shape
  const groups = scales.shape[1] ?? 1
  if (scales.shape[0] !== outputs) throw module.damaged()
  const inputs = (words * 32) / bits
  const type = floatType(scales)
  const zeros = module.find('weight_zero_point')
  const order = module.find('weight_g_idx')
  if (order) {
    if (order.type !== 'I32' || order.shape.join() !== `${inputs}`) throw module.damaged()
    const ofGroups = [storedMatrix(scales, type), ...(zeros ? [storedMatrix(zeros, 'U32')] : [])]
    const from = [storedMatrix(tensor, 'U32'), ...ofGroups, storedMatrix(order, 'U32')]
    return module.requantized([outputs, inputs], { bits, layout: 'ordered-rows', from })
  }
  module.checkGroups(inputs, groups)
  return [
    { ...tensor, name: `${module.name}.weight`, type: 'U32' },
    { ...scales, name: `${module.name}.scales` },
    module.present('biases', type, [outputs, groups], {
      bits,
      kind: zeros ? 'packed-biases' : 'symmetric-biases',
      from: [storedMatrix(scales, type), ...(zeros ? [storedMatrix(zeros, 'U32')] : [])],
    }),
  ]
}
