import type { LayerRange } from '../../main/shared/shard.ts'
import { NativeError } from '../native-error.ts'
import type { StoredTensor, StoredType, TensorCatalog } from '../weights/tensor-catalog.ts'
import type { MatrixSource, TensorSource } from './decoder-plan.ts'

const FLOAT_TYPES: readonly string[] = ['F32', 'F16', 'BF16']
const QUANTIZED_BITS: readonly number[] = [2, 3, 4, 5, 6, 8]

/** How a weight [outputs, inputs] is split over tensor-parallel ranks. */
export type Split = 'none' | 'outputs' | 'inputs'

interface MatrixSettings {
  readonly outputs: number
  readonly inputs: number
  readonly split?: Split
  readonly hasBias?: boolean
}

/** Finds a shard's tensors in the files, checks their shapes, and cuts them for its rank. */
export class WeightPlanner {
  readonly #catalog: TensorCatalog
  /** 0 and 1 where the weights are not split. */
  readonly #rank: number
  readonly #ranks: number

  constructor(catalog: TensorCatalog, { rank, ranks }: { rank: number; ranks: number }) {
    this.#catalog = catalog
    this.#rank = rank
    this.#ranks = ranks
  }

  /** @throws NativeError `model-damaged` */
  vector(name: string, size: number, range: LayerRange = { start: 0, end: size }): TensorSource {
    const tensor = this.#catalog.get(name, [size])
    return { ...locate(tensor, floatType(tensor)), columns: size, rowRange: { start: 0, end: 1 }, columnRange: range }
  }

  /**
   * @param module - its tensors are `module.weight`, `.scales`, `.biases` (quantized) and `.bias`
   * @throws NativeError `model-damaged` | `model-unsupported`; `strategy-unsupported` when it does not split evenly
   */
  matrix(module: string, { outputs, inputs, split = 'none', hasBias = false }: MatrixSettings): MatrixSource {
    const rows = split === 'outputs' ? this.share(outputs, `the ${outputs} outputs of ${module}`) : { start: 0, end: outputs }
    const columns = split === 'inputs' ? this.share(inputs, `the ${inputs} inputs of ${module}`) : { start: 0, end: inputs }
    const cut = (tensor: StoredTensor, type: StoredType, { start, end }: LayerRange): TensorSource => ({
      ...locate(tensor, type),
      columns: tensor.shape[1] as number,
      rowRange: rows,
      columnRange: { start, end },
    })
    // A bias that follows a sum over ranks is added once.
    const bias = hasBias && (split !== 'inputs' || this.#rank === 0) ? this.vector(`${module}.bias`, outputs, rows) : null
    if (!this.#catalog.has(`${module}.scales`)) {
      const weight = this.#catalog.get(`${module}.weight`, [outputs, inputs])
      return { weight: cut(weight, floatType(weight), columns), quantization: null, bias, crop: null }
    }
    const { weight, scales, biases, bits, groupSize } = this.#quantized(module, outputs, inputs)
    const groups = { start: Math.floor(columns.start / groupSize), end: Math.ceil(columns.end / groupSize) }
    const read = { start: groups.start * groupSize, end: groups.end * groupSize }
    const isWhole = read.start === columns.start && read.end === columns.end
    return {
      weight: cut(weight, 'U32', { start: (read.start * bits) / 32, end: (read.end * bits) / 32 }),
      quantization: { bits, groupSize, scales: cut(scales, floatType(scales), groups), biases: cut(biases, floatType(biases), groups) },
      bias,
      crop: isWhole ? null : { start: columns.start - read.start, end: columns.end - read.start },
    }
  }

  /**
   * This rank's part of `count` things.
   * @throws NativeError `strategy-unsupported` when the ranks cannot have equal parts
   */
  share(count: number, what: string): LayerRange {
    if (count % this.#ranks !== 0) {
      throw new NativeError('strategy-unsupported', `${this.#ranks} ranks cannot share ${what} evenly. Use a number of ranks that divides it, or the pipeline strategy.`, {
        count,
        ranks: this.#ranks,
      })
    }
    const size = count / this.#ranks
    return { start: this.#rank * size, end: (this.#rank + 1) * size }
  }

  /** Bits and group size follow from the shapes, so that a module may differ from the rest of the model. */
  #quantized(module: string, outputs: number, inputs: number) {
    const weight = this.#catalog.get(`${module}.weight`, null)
    const scales = this.#catalog.get(`${module}.scales`, null)
    const [words = 0, groups = 0] = [weight.shape[1], scales.shape[1]]
    if (scales.type === 'U8') {
      throw new NativeError('model-unsupported', `${module} is quantized to floats of few bits (such as mxfp4), which the engine does not run.`, { module })
    }
    const bits = (words * 32) / inputs
    const groupSize = inputs / groups
    if (weight.type !== 'U32' || !QUANTIZED_BITS.includes(bits) || !Number.isInteger(groupSize) || groupSize % 32 !== 0) {
      throw new NativeError(
        'model-damaged',
        `Tensor ${module}.weight [${weight.shape.join(', ')}] with scales [${scales.shape.join(', ')}] is no quantization that the engine knows of a weight [${outputs}, ${inputs}].`,
        { tensor: `${module}.weight`, shape: weight.shape },
      )
    }
    return {
      weight: this.#catalog.get(`${module}.weight`, [outputs, words]),
      scales: this.#catalog.get(`${module}.scales`, [outputs, groups]),
      biases: this.#catalog.get(`${module}.biases`, [outputs, groups]),
      bits,
      groupSize,
    }
  }
}

function locate({ name, file, offsetBytes }: StoredTensor, type: StoredType) {
  return { name, file, offsetBytes, type }
}

function floatType(tensor: StoredTensor): StoredType {
  if (FLOAT_TYPES.includes(tensor.type)) return tensor.type as StoredType
  throw new NativeError('model-damaged', `Tensor ${tensor.name} is of type ${tensor.type}, where floats are expected.`, { tensor: tensor.name, type: tensor.type })
}
