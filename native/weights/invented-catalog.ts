import type { TensorSpec } from '../../main/shared/models/random-safetensors.ts'
import { NativeError } from '../native-error.ts'
import { type StoredTensor, TensorCatalog } from './tensor-catalog.ts'

/** The most numbers of an invented model: 16 MB as float32. */
const MOST_NUMBERS = 2 ** 22

/** Holds every unquantized tensor that a plan asks for, and notes its shape. */
export class InventedCatalog extends TensorCatalog {
  readonly #shapes = new Map<string, readonly number[]>()
  #numbers = 0

  constructor() {
    super(['model.safetensors'], [])
  }

  /** What was asked for, in an order that does not depend on the plan's. */
  tensors(): TensorSpec[] {
    return [...this.#shapes].map(([name, shape]) => ({ name, shape })).sort((one, other) => (one.name < other.name ? -1 : 1))
  }

  override has(name: string): boolean {
    return name.endsWith('.weight')
  }

  /** @throws NativeError `model-unsupported` if the model would be too large for a check */
  override get(name: string, shape: readonly number[] | null): StoredTensor {
    if (shape && !this.#shapes.has(name)) {
      this.#numbers += shape.reduce((product, length) => product * length, 1)
      if (!(this.#numbers <= MOST_NUMBERS))
        throw new NativeError('model-unsupported', `The tiny model of a check has more than ${MOST_NUMBERS} numbers.`, { tensor: name })
      this.#shapes.set(name, shape)
    }
    return { name, file: 0, offsetBytes: 0, type: 'F32', shape: shape ?? this.#shapes.get(name) ?? [] }
  }
}
