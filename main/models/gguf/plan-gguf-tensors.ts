import { AppError } from '../../shared/app-error.ts'
import { type BlockFormat, GROUP_ELEMENTS } from './blocks/block-format.ts'
import { blockFormats } from './blocks/block-formats.ts'
import type { ColumnBlocks, ExpectedTensor, GgufModelConfig, RowPlaces } from './gguf-family.ts'
import { headPlaces, layerTensors } from './gguf-layer-tensors.ts'
import { type GgufTensorType, ggufTensorType, ggufTensorTypeName, importableTypeNames } from './gguf-tensor-type.ts'
import type { GgufHeader, GgufTensorInfo } from './parse-gguf-header.ts'

/** One tensor of the file and its place in the converted model. */
export interface PlannedTensor {
  /** `model.layers.0.self_attn.q_proj`, without `.weight`. */
  readonly module: string
  /** `weight`, `bias`, or the name of another vector. */
  readonly suffix: string
  readonly type: GgufTensorType
  /** null: written as plain numbers. */
  readonly format: BlockFormat | null
  /** Experts whose matrices are stored one after another; null: a single matrix. */
  readonly stack: number | null
  /** Rows of all matrices of the stack. */
  readonly rows: number
  /** Elements per row; a vector is a single row. */
  readonly columns: number
  readonly isVector: boolean
  /** Added to each number. */
  readonly offset: number
  /** Where the rows belong; null: the rows keep their order. */
  readonly places: RowPlaces | null
  /** Of each `period` of stored rows, `count` from the first on; null: all. */
  readonly select: { readonly period: number; readonly first: number; readonly count: number } | null
  readonly columnBlocks: ColumnBlocks | null
  /** The shape in the model; null: that of a vector, matrix or stack. */
  readonly written: readonly number[] | null
  /** Stored as minus the exponential. */
  readonly isDecay: boolean
  /** Index of the file that contains it. */
  readonly part: number
  /** Offset from the start of that file. */
  readonly startBytes: number
}

/** What is known of a file that contains tensors. */
export interface PartSizes {
  readonly header: GgufHeader
  readonly fileBytes: number
}

/** The tensors that become settings of config.json. */
export const ROPE_FACTORS = 'rope_freqs.weight'
export const LONG_FACTORS = 'rope_factors_long.weight'
export const SHORT_FACTORS = 'rope_factors_short.weight'
const SETTINGS: readonly string[] = [ROPE_FACTORS, LONG_FACTORS, SHORT_FACTORS]

const TOP: Readonly<Record<string, string>> = { token_embd: 'model.embed_tokens', output_norm: 'model.norm', output: 'lm_head' }
function expectedTensors(config: GgufModelConfig): Map<string, ExpectedTensor> {
  const { family, hiddenSize: hidden, vocabSize } = config
  const modules = { ...TOP, ...family.top }
  const norm = Object.keys(modules).find((name) => name !== 'output_norm' && name.endsWith('norm')) ?? 'output_norm'
  const expected = new Map<string, ExpectedTensor>([
    ['token_embd.weight', { module: modules['token_embd']!, shape: [vocabSize, hidden] }],
    [`${norm}.weight`, { module: modules[norm]!, shape: [hidden], offset: -(family.normOffset ?? 0) }],
    ...(family.hasNormBias ? [[`${norm}.bias`, { module: modules[norm]!, shape: [hidden] }] as const] : []),
    ['output.weight', { module: modules['output']!, shape: [vocabSize, hidden], optional: true }],
  ])
  for (const [name, tensor] of Object.entries(family.outside?.(config) ?? {})) expected.set(name, tensor)
  for (let layer = 0; layer < config.layers; layer++)
    for (const [name, tensor] of Object.entries(family.layer?.(config, layer) ?? layerTensors(config, layer)))
      expected.set(`blk.${layer}.${name}`, { ...tensor, module: `${family.layers ?? 'model.layers'}.${layer}.${tensor.module}` })
  return expected
}

/** Whether a tensor is of the layers at the end that predict further tokens, which nothing here runs. */
function isOfPrediction(name: string, { layers, predictingLayers }: GgufModelConfig): boolean {
  const layer = Number(/^blk\.(\d{1,6})\./.exec(name)?.[1] ?? -1)
  return layer >= layers && layer < layers + predictingLayers
}

/** Number of elements per dimension, slowest first, as in safetensors. */
function shapeOf(tensor: GgufTensorInfo): number[] {
  return [...tensor.dimensions].reverse()
}

/**
 * Finds the numbers of a tensor in the file.
 *
 * @throws AppError `model-unsupported` for a type that cannot be converted, `model-damaged` if it extends beyond the
 *   file
 */
export function locateTensor(
  { header, fileBytes }: PartSizes,
  tensor: GgufTensorInfo,
): { type: GgufTensorType; startBytes: number; lengthBytes: number } {
  const type = ggufTensorType(tensor.typeId)
  if (!type) {
    const typeName = ggufTensorTypeName(tensor.typeId)
    throw new AppError(
      'model-unsupported',
      `The tensor ${tensor.name} is stored as ${typeName}, which cannot be imported; these types can: ` +
        `${importableTypeNames.join(', ')}. Fetch a file of the model in one of them, such as its Q8_0, or ` +
        'the model in safetensors: exo models pull ORG/NAME.',
      { tensor: tensor.name, type: typeName },
    )
  }
  const elements = tensor.dimensions.reduce((product, dimension) => product * dimension, 1)
  const lengthBytes = (elements / type.blockElements) * type.blockBytes
  const startBytes = header.dataStartBytes + tensor.offsetBytes
  if (tensor.dimensions[0]! % type.blockElements !== 0 || !Number.isSafeInteger(elements))
    throw new AppError('model-damaged', `The tensor ${tensor.name} has an impossible shape.`, {
      tensor: tensor.name,
      shape: shapeOf(tensor),
    })
  if (startBytes + lengthBytes > fileBytes)
    throw new AppError(
      'model-damaged',
      `The GGUF file is cut off: the tensor ${tensor.name} goes beyond its end. Copy or download it again.`,
      {
        tensor: tensor.name,
        neededBytes: startBytes + lengthBytes,
        fileBytes,
      },
    )
  return { type, startBytes, lengthBytes }
}

/**
 * Decides how each tensor of the model is converted.
 *
 * @param isExact - types that would be quantized again are written as plain numbers
 * @returns the tensors in the order of the names that the model expects
 * @throws AppError `model-unsupported` for an unknown type or tensor; `model-damaged` if one is missing, has another
 *   shape or extends beyond the file
 */
export function planGgufTensors(parts: readonly PartSizes[], config: GgufModelConfig, isExact = false): PlannedTensor[] {
  const byName = new Map(parts.flatMap(({ header }, part) => header.tensors.map((tensor) => [tensor.name, { tensor, part }] as const)))
  if (config.layers > byName.size)
    throw new AppError('model-damaged', `The GGUF file claims ${config.layers} layers but holds ${byName.size} tensors.`, {
      layers: config.layers,
      tensors: byName.size,
    })
  const expected = expectedTensors(config)
  const known = new Set([...expected.keys()].map(storedName))
  for (const name of byName.keys())
    if (!known.has(name) && !SETTINGS.includes(name) && !isOfPrediction(name, config))
      throw new AppError(
        'model-unsupported',
        `The GGUF file has a tensor that is unknown in the family ${config.family.modelType}: ${name}.`,
        { tensor: name },
      )
  const planned: PlannedTensor[] = []
  const apart = modulesOfSeveralTypes(expected, byName)
  for (const [key, wanted] of expected) {
    if (wanted.isIgnored) continue
    const name = storedName(key)
    const { module, shape, optional, permuted, suffix, offset = 0, isRow = false, written = null, isDecay = false } = wanted
    const found = byName.get(name)
    if (!found) {
      if (optional) continue
      throw new AppError('model-damaged', `The GGUF file has no tensor ${name}.`, { tensor: name })
    }
    const { tensor, part } = found
    const actual = shapeOf(tensor)
    if (actual.length !== shape.length || actual.some((size, index) => size !== shape[index]))
      throw new AppError(
        'model-damaged',
        `The tensor ${name} has the shape [${actual.join(', ')}] where the model needs [${shape.join(', ')}].`,
        { tensor: name, actual, shape },
      )
    const { type, startBytes } = locateTensor(parts[part]!, tensor)
    const isVector = shape.length === 1 && !isRow
    const places = wanted.places ?? (permuted ? headPlaces(shape[0]!, config.headDim) : null)
    // A vector whose numbers have other places is a column: each of its numbers is a row.
    const columns = isVector && places ? 1 : shape.at(-1)!
    const select = wanted.half === undefined ? null : { period: shape[1]!, first: (wanted.half * shape[1]!) / 2, count: shape[1]! / 2 }
    const rows = shape.reduce((product, size) => product * size, 1) / columns / (select ? 2 : 1)
    const columnBlocks = wanted.columnBlocks ?? null
    const isPlain = written !== null || apart.has(module) || (columnBlocks !== null && columnBlocks.columns % GROUP_ELEMENTS !== 0)
    const stored = blockFormats.get(type.name) ?? null
    const format = isPlain ? null : stored
    if (isVector && stored)
      throw new AppError('model-unsupported', `The tensor ${name} is a vector stored as ${type.name}.`, { tensor: name, type: type.name })
    planned.push({
      module,
      suffix: suffix ?? (name.endsWith('.bias') ? 'bias' : 'weight'),
      type,
      format: isExact && format?.kind === 'numbers' ? null : format,
      stack: shape.length === 3 ? shape[0]! : null,
      rows,
      columns,
      isVector,
      offset,
      places,
      select,
      columnBlocks,
      written,
      isDecay,
      part,
      startBytes,
    })
  }
  return planned
}

/** A tensor of which two modules are made has a row for each, told apart after the name. */
const storedName = (key: string): string => key.replace(/#.*$/, '')

/** Modules that GGUF stores as several tensors of different types. */
function modulesOfSeveralTypes(
  expected: ReadonlyMap<string, ExpectedTensor>,
  byName: ReadonlyMap<string, { readonly tensor: GgufTensorInfo }>,
): ReadonlySet<string> {
  const types = new Map<string, Set<number>>()
  for (const [name, { module, places }] of expected) {
    const found = places && byName.get(name)
    if (found) types.set(module, (types.get(module) ?? new Set()).add(found.tensor.typeId))
  }
  return new Set([...types].flatMap(([module, of]) => (of.size > 1 ? [module] : [])))
}
