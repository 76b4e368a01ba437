import type { LayerRange } from '../../main/shared/shard.ts'
import { NativeError } from '../native-error.ts'
import type { StoredTensor, TensorCatalog } from '../weights/tensor-catalog.ts'
import type { MatrixSource, QuantizationMode, QuantizationPlan, StoredType, TensorSource } from './decoder-plan.ts'
import { expertOfStack, rowsOfModule, wholeModule, type ModuleTensors } from './module-tensors.ts'

const FLOAT_TYPES: readonly string[] = ['F32', 'F16', 'BF16']
/** Types of quantized weights that are not in MLX's layout. */
const FOREIGN_TYPES: readonly string[] = ['I32', 'U8', 'I8', 'F8_E4M3', 'F8_E5M2', 'F8_E8M0', 'F4']
const QUANTIZED_BITS: readonly number[] = [2, 3, 4, 5, 6, 8]

/** The split of a weight [outputs, inputs] over tensor-parallel ranks. */
export type Split = 'none' | 'outputs' | 'inputs'

interface MatrixSettings {
  readonly outputs: number
  readonly inputs: number
  readonly split?: Split
  readonly hasBias?: boolean
}

/** Finds a shard's tensors in the files, checks their shapes, and selects its rank's part. */
export class WeightPlanner {
  readonly #catalog: TensorCatalog
  /** Rank and number of ranks; 0 and 1 if the weights are not split. */
  readonly #rank: number
  readonly #ranks: number

  constructor(catalog: TensorCatalog, { rank, ranks }: { rank: number; ranks: number }) {
    this.#catalog = catalog
    this.#rank = rank
    this.#ranks = ranks
  }

  module(name: string): ModuleTensors {
    return wholeModule(this.#catalog, name)
  }

  /** The first of these modules that exists in the files. */
  firstModule(names: readonly string[]): ModuleTensors {
    return this.module(this.firstOf(names, 'weight'))
  }

  /** The name of the first module that has a tensor of this kind; else the first name. */
  firstOf(names: readonly string[], kind: string): string {
    return names.find((name) => this.#catalog.has(`${name}.${kind}`)) ?? (names[0] as string)
  }

  has(name: string): boolean {
    return this.#catalog.has(`${name}.weight`)
  }

  /** Modules that are stored as consecutive rows of one module, with these numbers of rows. */
  rowsOf(name: string, counts: readonly number[]): ModuleTensors[] {
    const starts = counts.map((_, index) => counts.slice(0, index).reduce((sum, count) => sum + count, 0))
    const total = counts.reduce((sum, count) => sum + count, 0)
    return counts.map((count, index) => {
      const start = starts[index] as number
      return rowsOfModule(this.#catalog, name, { start, end: start + count }, total)
    })
  }

  /** Some rows of a module with `total` rows. */
  rowsAt(name: string, range: LayerRange, total: number): ModuleTensors {
    return rowsOfModule(this.#catalog, name, range, total)
  }

  /**
   * The modules of all experts, either stacked in one module, under mlx-lm's name or the original one, or stored separately.
   * @param nameOf - name of an expert's separate module; null: they are always stacked
   */
  experts(stack: string, nameOf: ((expert: number) => string) | null, count: number): ModuleTensors[] {
    const original = stack.replace(/[^.]+\.([^.]+)$/, 'experts.$1')
    const name = [stack, original, stack.replace(/[^.]+\.([^.]+)$/, '$1')].find((stacked) => this.has(stacked))
    return Array.from({ length: count }, (_, expert) =>
      nameOf === null || name !== undefined ? expertOfStack(this.#catalog, name ?? stack, expert, count) : this.module(nameOf(expert)),
    )
  }

  /** Modules of the same size that are stacked in one, or stored as consecutive rows of it. @param rows - of each */
  parts(name: string, count: number, rows: number): ModuleTensors[] {
    if (this.has(name) && this.module(name).get('weight', null).shape.length === 2)
      return this.rowsOf(name, new Array<number>(count).fill(rows))
    return this.experts(name, null, count)
  }

  /** @throws NativeError `model-damaged` */
  vector(name: string, size: number): TensorSource {
    return wholeVector(this.#catalog.get(name, [size]))
  }

  /**
   * A tensor of any shape with this number of elements, as a vector.
   * @throws NativeError `model-damaged`
   */
  vectorOf(name: string, size: number): TensorSource {
    const { shape } = this.#catalog.get(name, null)
    const isOfSize = shape.reduce((product, length) => product * length, 1) === size
    const tensor = this.#catalog.get(name, isOfSize ? null : [size])
    return wholeVector({ ...tensor, shape: [size] })
  }

  /**
   * A tensor of whole numbers, none of them below 0, as a vector.
   * @throws NativeError `model-damaged` | `quantization-unsupported`
   */
  numbers(name: string, size: number): TensorSource {
    const tensor = this.#catalog.get(name, null)
    if (tensor.shape.reduce((product, length) => product * length, 1) !== size) this.#catalog.get(name, [size])
    if (tensor.type !== 'I32' && tensor.type !== 'U32') throw foreignLayout(name)
    return {
      ...locate(tensor, 'U32'),
      columns: size,
      rowRange: { start: 0, end: 1 },
      columnRange: { start: 0, end: size },
    }
  }

  /**
   * A convolution of each channel by itself, [channels, kernel]: as mlx-lm stores it, or as the original checkpoints do.
   * @throws NativeError `model-damaged`
   */
  convolution(name: string, channels: number, kernel: number): TensorSource {
    const isOriginal = this.isOriginalConvolution(name)
    const tensor = this.#catalog.get(name, isOriginal ? [channels, 1, kernel] : [channels, kernel, 1])
    return {
      ...locate(tensor, floatType(tensor)),
      columns: kernel,
      rowRange: { start: 0, end: channels },
      columnRange: { start: 0, end: kernel },
    }
  }

  /** mlx-lm has turned the axes of those that it converted; null: the files do not have it. */
  isOriginalConvolution(name: string): boolean | null {
    return this.#catalog.has(name) ? this.#catalog.get(name, null).shape[2] !== 1 : null
  }

  /** @throws NativeError `model-unsupported` if a convolution is stored as in the original checkpoint */
  refuseOriginalConvolution(module: string): void {
    if (this.isOriginalConvolution(`${module}.weight`)) throw foreignLayout(module)
  }

  /** @throws NativeError `model-damaged` | `model-unsupported`; `strategy-unsupported` when it does not split evenly */
  matrix(module: ModuleTensors, { outputs, inputs, split = 'none', hasBias = false }: MatrixSettings): MatrixSource {
    const rows = split === 'outputs' ? this.share(outputs, `the ${outputs} outputs of ${module.name}`) : { start: 0, end: outputs }
    const columns = split === 'inputs' ? this.share(inputs, `the ${inputs} inputs of ${module.name}`) : { start: 0, end: inputs }
    const cut = (tensor: StoredTensor, type: StoredType, { start, end }: LayerRange): TensorSource => ({
      ...locate(tensor, type),
      columns: tensor.shape[1] as number,
      rowRange: rows,
      columnRange: { start, end },
    })
    // A bias after a sum over ranks must be added only once.
    const bias =
      hasBias && (split !== 'inputs' || this.#rank === 0) ? { ...wholeVector(module.get('bias', [outputs])), columnRange: rows } : null
    if (!module.has('scales')) {
      const weight = module.get('weight', [outputs, inputs])
      return { weight: cut(weight, floatType(weight), columns), quantization: null, bias, crop: null }
    }
    const { weight, scales, biases, mode, bits, groupSize } = quantizedTensors(module, outputs, inputs)
    const groups = { start: Math.floor(columns.start / groupSize), end: Math.ceil(columns.end / groupSize) }
    const read = { start: groups.start * groupSize, end: groups.end * groupSize }
    const isWhole = read.start === columns.start && read.end === columns.end
    const quantization: QuantizationPlan = {
      mode,
      bits,
      groupSize,
      scales: cut(scales, mode === 'affine' ? floatType(scales) : 'U8', groups),
      biases: biases && cut(biases, floatType(biases), groups),
    }
    return {
      weight: cut(weight, 'U32', { start: (read.start * bits) / 32, end: (read.end * bits) / 32 }),
      quantization,
      bias,
      crop: isWhole ? null : { start: columns.start - read.start, end: columns.end - read.start },
    }
  }

  /**
   * This rank's part of `count` items.
   * @throws NativeError `strategy-unsupported` if the ranks cannot have equal parts
   */
  share(count: number, what: string): LayerRange {
    if (count % this.#ranks !== 0) {
      throw new NativeError(
        'strategy-unsupported',
        `${this.#ranks} ranks cannot share ${what} evenly. Use a number of ranks that divides it, or the pipeline strategy.`,
        {
          count,
          ranks: this.#ranks,
        },
      )
    }
    const size = count / this.#ranks
    return { start: this.#rank * size, end: (this.#rank + 1) * size }
  }

  /**
   * This rank's part of `count` items, or the item that it shares with other ranks.
   * @throws NativeError `strategy-unsupported` if neither the ranks divide the items nor the items the ranks
   */
  shareOrRepeat(count: number, what: string): LayerRange {
    if (count >= this.#ranks || this.#ranks % count !== 0) return this.share(count, what)
    const start = Math.floor((this.#rank * count) / this.#ranks)
    return { start, end: start + 1 }
  }
}

/** Derives mode, bits and group size from the shapes, since a module may differ from the rest of the model. */
function quantizedTensors(module: ModuleTensors, outputs: number, inputs: number) {
  const weight = module.get('weight', null)
  const scales = module.get('scales', null)
  const [words = 0, groups = 0] = [weight.shape[1], scales.shape[1]]
  const bits = (words * 32) / inputs
  const groupSize = inputs / groups
  const mode = modeOf(scales, bits, groupSize)
  if (weight.type !== 'U32' || mode === null) {
    throw new NativeError(
      'model-damaged',
      `Tensor ${weight.name} [${weight.shape.join(', ')}] with scales [${scales.shape.join(', ')}] of type ` +
        `${scales.type} is not a known quantization of a weight [${outputs}, ${inputs}].`,
      { tensor: weight.name, shape: weight.shape },
    )
  }
  return {
    weight: module.get('weight', [outputs, words]),
    scales: module.get('scales', [outputs, groups]),
    biases: mode === 'affine' ? module.get('biases', [outputs, groups]) : null,
    mode,
    bits,
    groupSize,
  }
}

/** null: unknown to the engine. Scales of 8 bits belong to microscaling floats. */
function modeOf(scales: StoredTensor, bits: number, groupSize: number): QuantizationMode | null {
  if (scales.type !== 'U8') return QUANTIZED_BITS.includes(bits) && Number.isInteger(groupSize) && groupSize % 32 === 0 ? 'affine' : null
  if (groupSize === 16) return bits === 4 ? 'nvfp4' : null
  if (groupSize !== 32) return null
  return bits === 4 ? 'mxfp4' : bits === 8 ? 'mxfp8' : null
}

function locate({ name, file, offsetBytes, form = null }: StoredTensor, type: StoredType) {
  return { name, file, offsetBytes, type, form }
}

function wholeVector(tensor: StoredTensor): TensorSource {
  const size = tensor.shape[0] as number
  return { ...locate(tensor, floatType(tensor)), columns: size, rowRange: { start: 0, end: 1 }, columnRange: { start: 0, end: size } }
}

/** Layouts of original checkpoints, such as gate and up in turns. */
function foreignLayout(module: string): NativeError {
  return new NativeError(
    'quantization-unsupported',
    `${module} is stored in the original checkpoint's layout, which the engine does not support. Use an ` +
      'MLX version of the model, for example from mlx-community.',
    { module },
  )
}

function floatType(tensor: StoredTensor): StoredType {
  if (FLOAT_TYPES.includes(tensor.type)) return tensor.type as StoredType
  if (FOREIGN_TYPES.includes(tensor.type)) throw foreignLayout(tensor.name)
  throw new NativeError('model-damaged', `Tensor ${tensor.name} is of type ${tensor.type}, where floats are expected.`, {
    tensor: tensor.name,
    type: tensor.type,
  })
}
