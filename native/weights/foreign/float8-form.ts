import type { StoredTensor } from '../tensor-catalog.ts'
import type { ForeignConfig } from './foreign-config.ts'
import { floatType, type ForeignModule, isFloat, storedMatrix } from './foreign-module.ts'

const DEFAULT_BLOCK = [128, 128] as const

/**
 * `weight_scale_inv` has a scale per block; `weight_scale` one per row, or one for all. Both multiply the numbers. Scales may be
 * powers of two, and experts may be stacked.
 */
export function fromFloat8(module: ForeignModule, config: ForeignConfig): StoredTensor[] {
  const inverse = module.find('weight_scale_inv')
  const scales = inverse ?? module.get('weight_scale')
  const arePowers = scales.type === 'F8_E8M0'
  if (!isFloat(scales) && !arePowers) throw module.unsupported(`as 8-bit floats with scales of type ${scales.type}`)
  const { shape } = module.tensor
  const stack = shape.slice(0, -2)
  const [outputs = 0, inputs = 0] = shape.slice(-2)
  if (shape.length < 2 || shape.length > 3) throw module.unsupported(`as 8-bit floats of the shape [${shape.join(', ')}]`)
  const [rows = 1, columns = 1] = scales.shape.slice(stack.length)
  const [blockRows, blockColumns] = inverse
    ? (config.weight_block_size ?? DEFAULT_BLOCK)
    : [rows === 1 ? outputs : Math.ceil(outputs / rows), Math.ceil(inputs / columns)]
  const isWhole = rows === Math.ceil(outputs / blockRows) && columns === Math.ceil(inputs / blockColumns)
  if (!isWhole || scales.shape.slice(0, stack.length).join() !== stack.join()) throw module.damaged()
  return module.requantized(shape, {
    layout: 'float8-blocks',
    from: [storedMatrix(module.tensor, 'U8'), storedMatrix(scales, arePowers ? 'U8' : floatType(scales))],
    ...{ bits: 8, blockRows, blockColumns },
  })
}
