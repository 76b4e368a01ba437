import type { StoredTensor } from '../tensor-catalog.ts'
import type { ForeignConfig } from './foreign-config.ts'
import { floatType, type ForeignModule, isFloat, storedMatrix } from './foreign-module.ts'

/** Blocks of 8-bit floats become 8-bit numbers in groups of this size. */
const BLOCK_GROUP = 64
const DEFAULT_BLOCK = [128, 128] as const

/** `weight_scale_inv` has a scale per block; `weight_scale` one per row, or one for all. Both multiply the numbers. */
export function fromFloat8(module: ForeignModule, config: ForeignConfig): StoredTensor[] {
  const inverse = module.find('weight_scale_inv')
  const scales = inverse ?? module.get('weight_scale')
  if (!isFloat(scales)) throw module.unsupported(`as 8-bit floats with scales of type ${scales.type}`)
  const [outputs = 0, inputs = 0] = module.tensor.shape
  if (module.tensor.shape.length !== 2 || inputs % BLOCK_GROUP !== 0)
    throw module.unsupported(`as 8-bit floats of the shape [${module.tensor.shape.join(', ')}]`)
  const [rows = 1, columns = 1] = scales.shape
  const [blockRows, blockColumns] = inverse
    ? (config.weight_block_size ?? DEFAULT_BLOCK)
    : [rows === 1 ? outputs : Math.ceil(outputs / rows), Math.ceil(inputs / columns)]
  if (rows !== Math.ceil(outputs / blockRows) || columns !== Math.ceil(inputs / blockColumns)) throw module.damaged()
  const of = { bits: 8, blockRows, blockColumns, from: [storedMatrix(module.tensor, 'U8'), storedMatrix(scales, floatType(scales))] }
  return [
    module.present('weight', 'U32', [outputs, inputs / 4], { ...of, kind: 'block-words' }),
    module.present('scales', 'BF16', [outputs, inputs / BLOCK_GROUP], { ...of, kind: 'block-scales' }),
    module.present('biases', 'BF16', [outputs, inputs / BLOCK_GROUP], { ...of, kind: 'block-biases' }),
  ]
}
