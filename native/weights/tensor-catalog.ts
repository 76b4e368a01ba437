import { NativeError } from '../native-error.ts'
import type { TensorForm } from '../plan/decoder-plan.ts'

/** A tensor as a file's header describes it. */
export interface StoredTensor {
  readonly name: string
  /** Index into the catalog's files. */
  readonly file: number
  /** Offset of its first byte in the file. */
  readonly offsetBytes: number
  readonly type: string
  readonly shape: readonly number[]
  /** How it is made from what the files hold; absent: it lies there as described. */
  readonly form?: TensorForm | null
}

/** Every tensor of a model folder, by name. */
export class TensorCatalog {
  readonly files: readonly string[]
  readonly #tensors: ReadonlyMap<string, StoredTensor>

  constructor(files: readonly string[], tensors: readonly StoredTensor[]) {
    this.files = files
    this.#tensors = new Map(tensors.map((tensor) => [tensor.name, tensor]))
  }

  has(name: string): boolean {
    return this.#tensors.has(name)
  }

  /**
   * @param shape - null: any
   * @throws NativeError `model-damaged` if it is missing or has another shape
   */
  get(name: string, shape: readonly number[] | null): StoredTensor {
    const tensor = this.#tensors.get(name)
    if (!tensor)
      throw new NativeError('model-damaged', `The model's files hold no tensor ${name}. Fetch the model again.`, { tensor: name })
    if (shape && (tensor.shape.length !== shape.length || tensor.shape.some((size, axis) => size !== shape[axis]))) {
      const file = this.files[tensor.file] as string
      throw new NativeError(
        'model-damaged',
        `Tensor ${name} in ${file} has the shape [${tensor.shape.join(', ')}], but config.json requires [${shape.join(', ')}].`,
        { tensor: name, file, shape: tensor.shape, expectedShape: shape },
      )
    }
    return tensor
  }
}
