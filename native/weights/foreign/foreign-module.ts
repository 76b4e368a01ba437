import { NativeError } from '../../native-error.ts'
import type { StoredMatrix, StoredType, TensorForm } from '../../plan/decoder-plan.ts'
import type { StoredTensor } from '../tensor-catalog.ts'

/** MLX's group sizes in the affine mode. */
const GROUP_SIZES: readonly number[] = [32, 64, 128]

/** A form without packed numbers and blocks, from its first row on. */
export const NO_NUMBERS = { firstRow: 0, rowStride: 1, bits: 0, zeroOffset: 0, blockRows: 0, blockColumns: 0 }

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
  present(kind: string, type: StoredType, shape: readonly [number, number], form: Partial<TensorForm> & Pick<TensorForm, 'kind' | 'from'>) {
    const { file, offsetBytes } = this.tensor
    return { name: `${this.name}.${kind}`, file, offsetBytes, type, shape, form: { ...NO_NUMBERS, ...form } }
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

/** A whole tensor in its file. A vector is a column. */
export function storedMatrix({ file, offsetBytes, shape }: StoredTensor, type: StoredType): StoredMatrix {
  const [rows = 1, columns = 1] = shape
  return { file, offsetBytes, type, rows, columns }
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
