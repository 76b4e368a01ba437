import type { StoredTensor } from '../tensor-catalog.ts'
import { type ForeignModule, storedMatrix } from './foreign-module.ts'

/** MLX stores the largest value as the scale of a tensor: that of the largest 8-bit float times the largest 4-bit float. */
const LARGEST = 448 * 6
const SMALL_GROUP = 16
const POWER_GROUP = 32

interface TensorScale {
  readonly tensor: StoredTensor
  /** Of the values, beside the scale. */
  readonly factor: number
  /** It divides the values. */
  readonly isInverse: boolean
}

/** 4-bit floats, with an 8-bit float for 16 of them and one scale for the whole tensor, or for each expert of a stack. */
function withTensorScale(module: ForeignModule, columns: number, scales: StoredTensor, scale: TensorScale): StoredTensor[] {
  const shape = [...module.tensor.shape.slice(0, -1), columns]
  const [outputs = 0, inputs = 0] = shape.slice(-2)
  const stack = shape.slice(0, -2)
  if (scales.shape.join() !== [...shape.slice(0, -1), inputs / SMALL_GROUP].join()) throw module.damaged()
  const count = scale.tensor.shape.reduce((product, size) => product * size, 1)
  if (scale.tensor.type !== 'F32' || count !== (stack[0] ?? 1)) throw module.damaged()
  const words = { ...module.tensor, shape: [...shape.slice(0, -1), inputs / 8] }
  return module.requantized(shape, {
    layout: 'small-floats',
    from: [storedMatrix(words, 'U32'), storedMatrix(scales, 'U8'), { ...storedMatrix(scale.tensor, 'F32'), rows: count, columns: 1 }],
    ...{ bits: 4, blockRows: outputs, blockColumns: SMALL_GROUP, factor: scale.factor, isInverse: scale.isInverse },
  })
}

/** compressed-tensors' `nvfp4-pack-quantized` and `mxfp4-pack-quantized`: the numbers themselves lie as in MLX. */
export function fromPackedFloats(module: ForeignModule): StoredTensor[] {
  const { tensor } = module
  const scales = module.get('weight_scale')
  const [outputs = 0, bytes = 0] = tensor.shape
  if (tensor.shape.length !== 2 || bytes % 4 !== 0) throw module.damaged()
  if (scales.type === 'F8_E4M3') {
    const global = module.get('weight_global_scale')
    return withTensorScale(module, bytes * 2, scales, { tensor: global, factor: 1, isInverse: true })
  }
  if (scales.type !== 'U8' && scales.type !== 'F8_E8M0') throw module.unsupported(`as U8 with scales of type ${scales.type}`)
  if (scales.shape.join() !== [outputs, (bytes * 2) / POWER_GROUP].join()) throw module.damaged()
  return [
    { ...tensor, name: `${module.name}.weight`, type: 'U32', shape: [outputs, bytes / 4] },
    { ...scales, name: `${module.name}.scales`, type: 'U8' },
  ]
}

/** ModelOpt's NVFP4: `weight` has two numbers per byte, `weight_scale_2` the scale of the tensor. */
export function fromModelOpt(module: ForeignModule): StoredTensor[] {
  const scales = module.get('weight_scale')
  if (scales.type !== 'F8_E4M3') throw module.unsupported(`as U8 with scales of type ${scales.type}`)
  const columns = (module.tensor.shape.at(-1) ?? 0) * 2
  return withTensorScale(module, columns, scales, { tensor: module.get('weight_scale_2'), factor: 1, isInverse: false })
}

/** MLX's nvfp4 with a `global_scale` beside `scales`. */
export function fromGlobalScale(module: ForeignModule): StoredTensor[] {
  const columns = (module.tensor.shape.at(-1) ?? 0) * 8
  if (module.tensor.type !== 'U32') throw module.damaged()
  return withTensorScale(module, columns, module.get('scales'), {
    tensor: module.get('global_scale'),
    factor: 1 / LARGEST,
    isInverse: false,
  })
}
