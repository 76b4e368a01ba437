import type { StoredTensor } from '../tensor-catalog.ts'
import { floatType, type ForeignModule, isFloat, NO_NUMBERS, storedMatrix } from './foreign-module.ts'

/**
 * Experts as transformers stacks them without quantization: `gate_up_proj` and `down_proj`, each [experts, outputs, inputs] or
 * turned, which the two shapes tell together. Gate and up are halves, or in turns in gpt-oss, the only one with biases.
 */
export function fromFusedExperts(module: ForeignModule): StoredTensor[] {
  const down = module.get('down_proj')
  const bias = module.find('gate_up_proj_bias')
  if (!isFloat(module.tensor) || !isFloat(down)) throw module.unsupported(`as ${module.tensor.type} with gate and up in one tensor`)
  const [experts = 0, first = 0, second = 0] = module.tensor.shape
  const [sameExperts = 0, third = 0, fourth = 0] = down.shape
  const isTurned = second === 2 * third && first === fourth
  const isPlain = first === 2 * fourth && second === third
  if (module.tensor.shape.length !== 3 || down.shape.length !== 3 || sameExperts !== experts || isTurned === isPlain) throw module.damaged()
  const [width, hidden] = isTurned ? [third, fourth] : [fourth, third]
  const alternates = bias !== null
  const part = (name: string, tensor: StoredTensor, shape: readonly number[], rows: { firstRow: number; rowStride: number }) => ({
    ...{ name: `${module.name}.${name}`, file: tensor.file, offsetBytes: tensor.offsetBytes, type: floatType(tensor), shape },
    form: {
      ...({ kind: shape.length === 2 ? 'elements' : isTurned ? 'transposed' : 'rows', from: [storedStack(tensor)] } as const),
      ...{ ...NO_NUMBERS, ...rows },
    },
  })
  const halves = ['gate_proj', 'up_proj'].flatMap((half, place) => {
    const rows = alternates ? { firstRow: place, rowStride: 2 } : { firstRow: place * width, rowStride: 1 }
    return [
      part(`${half}.weight`, module.tensor, [experts, width, hidden], rows),
      ...(bias ? [part(`${half}.bias`, bias, [experts, width], rows)] : []),
    ]
  })
  const whole = { firstRow: 0, rowStride: 1 }
  const downBias = bias && module.get('down_proj_bias')
  return [
    ...halves,
    part('down_proj.weight', down, [experts, hidden, width], whole),
    ...(downBias ? [{ ...downBias, name: `${module.name}.down_proj.bias` }] : []),
  ]
}

/** All matrices of a stack, or the elements of a stack of vectors, one after the other. */
function storedStack(tensor: StoredTensor) {
  const matrix = storedMatrix(tensor, floatType(tensor))
  return tensor.shape.length === 3 ? matrix : { ...matrix, rows: matrix.rows * matrix.columns, columns: 1 }
}
