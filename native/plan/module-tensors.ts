import type { LayerRange } from '../../main/shared/shard.ts'
import { ELEMENT_BYTES } from '../../main/shared/models/element-bytes.ts'
import type { StoredMatrix } from './decoder-plan.ts'
import type { StoredTensor, TensorCatalog } from '../weights/tensor-catalog.ts'

/** The tensors of one weight (`weight`, `scales`, `biases`, `bias`), wherever the files store them. */
export interface ModuleTensors {
  readonly name: string
  has(kind: string): boolean
  /**
   * @param shape - of this module's part; null: any
   * @throws NativeError `model-damaged` if it is missing or has another shape
   */
  get(kind: string, shape: readonly number[] | null): StoredTensor
}

/** A module with its own tensors: `name.weight` and so on. */
export function wholeModule(catalog: TensorCatalog, name: string): ModuleTensors {
  return { name, has: (kind) => catalog.has(`${name}.${kind}`), get: (kind, shape) => catalog.get(`${name}.${kind}`, shape) }
}

/** A range of the `total` rows of a module. */
export function rowsOfModule(catalog: TensorCatalog, name: string, rows: LayerRange, total: number): ModuleTensors {
  return {
    ...wholeModule(catalog, name),
    get(kind, shape) {
      const tensor = catalog.get(`${name}.${kind}`, shape && [total, ...shape.slice(1)])
      return {
        ...tensor,
        ...(tensor.form
          ? { form: { ...tensor.form, firstRow: tensor.form.firstRow + rows.start } }
          : { offsetBytes: tensor.offsetBytes + rows.start * bytesPerEntry(tensor) }),
        shape: [rows.end - rows.start, ...tensor.shape.slice(1)],
      }
    },
  }
}

/** One expert in a module's stack of `count`. */
export function expertOfStack(catalog: TensorCatalog, name: string, expert: number, count: number): ModuleTensors {
  return {
    ...wholeModule(catalog, name),
    get(kind, shape) {
      const tensor = catalog.get(`${name}.${kind}`, shape && [count, ...shape])
      const { form } = tensor
      return {
        ...tensor,
        ...(form
          ? { form: { ...form, from: form.from.map((matrix) => partOfStack(matrix, expert, count)) } }
          : { offsetBytes: tensor.offsetBytes + expert * bytesPerEntry(tensor) }),
        shape: tensor.shape.slice(1),
      }
    },
  }
}

/** The matrix of one expert among those that lie one after the other. */
function partOfStack({ offsetBytes, ...matrix }: StoredMatrix, expert: number, count: number): StoredMatrix {
  const rows = matrix.rows / count
  return { ...matrix, rows, offsetBytes: offsetBytes + expert * rows * matrix.columns * (ELEMENT_BYTES[matrix.type] ?? 0) }
}

/** The size of one entry along the first axis. */
function bytesPerEntry({ shape, type }: StoredTensor): number {
  return shape.slice(1).reduce((product, size) => product * size, ELEMENT_BYTES[type] ?? 0)
}
