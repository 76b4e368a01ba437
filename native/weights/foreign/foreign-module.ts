import { NativeError } from '../../native-error.ts'
import type { StoredMatrix, StoredType, TensorForm } from '../../plan/decoder-plan.ts'
import type { StoredTensor } from '../tensor-catalog.ts'

/** MLX's group sizes in the affine mode. */
const GROUP_SIZES: readonly number[] = [32, 64, 128]

/** Values that are quantized again become 8-bit numbers in groups of this size. */
const REQUANTIZED_GROUP = 64

/** A form without packed numbers and blocks, from its first row on. */
export const NO_NUMBERS = {
  layout: 'float8-blocks',
  ...{ firstRow: 0, rowStride: 1, bits: 0, zeroOffset: 0, blockRows: 0, blockColumns: 0, factor: 1, isInverse: false },
} as const

/** The tensors of a module as another program names them. */
export class ForeignModule {
  readonly name: string
  readonly kind: string
  readonly tensor: StoredTensor
  readonly #byName: ReadonlyMap<string, StoredTensor>

  constructor(tensor: StoredTensor, byName: ReadonlyMap<string, StoredTensor>) {
    const dot = tensor.name.lastIndexOf('.')
    this.name = tensor.name.slice(0, dot)
    this.kind = tensor.name.slice(dot + 1)
    this.tensor = tensor
    this.#byName = byName
  }

  find(kind: string): StoredTensor | null {
    return this.#byName.get(`${this.name}.${kind}`) ?? null
  }

  /** @throws NativeError `model-damaged` */
  get(kind: string): StoredTensor {
    const found = this.find(kind)
    if (found) return found
    throw new NativeError('model-damaged', `The model's files hold no tensor ${this.name}.${kind}. Fetch the model again.`, {
      tensor: `${this.name}.${kind}`,
    })
  }

  /** A tensor that is made while it is read. */
  present(kind: string, type: StoredType, shape: readonly number[], form: Partial<TensorForm> & Pick<TensorForm, 'kind' | 'from'>) {
    const { file, offsetBytes } = this.tensor
    return { name: `${this.name}.${kind}`, file, offsetBytes, type, shape, form: { ...NO_NUMBERS, ...form } }
  }

  /**
   * A weight whose values are quantized again: 8 bits in groups of 64.
   * @param shape - of the values: [outputs, inputs], for stacked experts after their number
   * @throws NativeError `quantization-unsupported`
   */
  requantized(shape: readonly number[], form: Partial<TensorForm> & Pick<TensorForm, 'layout' | 'from'>): StoredTensor[] {
    const [outputs, inputs] = [shape.slice(0, -1), shape.at(-1) ?? 0]
    if (inputs % REQUANTIZED_GROUP !== 0)
      throw this.unsupported(`in rows of ${inputs} numbers, which are no groups of ${REQUANTIZED_GROUP}`)
    const groups = [...outputs, inputs / REQUANTIZED_GROUP]
    return [
      this.present('weight', 'U32', [...outputs, inputs / 4], { ...form, kind: 'requantized-words' }),
      this.present('scales', 'BF16', groups, { ...form, kind: 'requantized-scales' }),
      this.present('biases', 'BF16', groups, { ...form, kind: 'requantized-biases' }),
    ]
  }

  unsupported(why: string): NativeError {
    return new NativeError(
      'quantization-unsupported',
      `${this.name} is stored ${why}, which is not supported. Use an MLX version of the model, for example from mlx-community.`,
      { module: this.name },
    )
  }

  damaged(): NativeError {
    return new NativeError('model-damaged', `The quantized tensors of ${this.name} have shapes that do not match. Fetch the model again.`, {
      module: this.name,
    })
  }

  /** @throws NativeError `quantization-unsupported` for groups that MLX does not have; `model-damaged` */
  checkGroups(inputs: number, groups: number): void {
    const size = inputs / groups
    if (!Number.isInteger(size)) throw this.damaged()
    if (!GROUP_SIZES.includes(size)) throw this.unsupported(`in groups of ${size} columns`)
  }
}

/** A whole tensor in its file. A vector is a column; the matrices of a stack lie one after the other. */
export function storedMatrix({ file, offsetBytes, shape }: StoredTensor, type: StoredType): StoredMatrix {
  const columns = shape.length < 2 ? 1 : (shape.at(-1) ?? 1)
  return { file, offsetBytes, type, rows: shape.reduce((product, size) => product * size, 1) / columns, columns }
}

export const isFloat = ({ type }: StoredTensor): boolean => ['F32', 'F16', 'BF16'].includes(type)

/** @throws NativeError `model-damaged` */
export function floatType(tensor: StoredTensor): StoredType {
  if (isFloat(tensor)) return tensor.type as StoredType
  throw new NativeError('model-damaged', `Tensor ${tensor.name} is of type ${tensor.type}, where floats are expected.`, {
    tensor: tensor.name,
    type: tensor.type,
  })
}
