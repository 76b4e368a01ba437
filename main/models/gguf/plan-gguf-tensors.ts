import { AppError } from '../../shared/app-error.ts'
import { blockFormats } from './blocks/block-formats.ts'
import type { BlockFormat } from './blocks/block-format.ts'
import type { GgufModelConfig } from './gguf-model-config.ts'
import { type GgufTensorType, ggufTensorType, ggufTensorTypeName, importableTypeNames } from './gguf-tensor-type.ts'
import type { GgufHeader, GgufTensorInfo } from './parse-gguf-header.ts'

/** One tensor of the file and its place in the converted model. */
export interface PlannedTensor {
  /** `model.layers.0.self_attn.q_proj`, without `.weight`. */
  readonly module: string
  readonly suffix: 'weight' | 'bias'
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
  /** Rows per head whose halves GGUF interleaves; null: the rows keep their order. */
  readonly permutedHeadRows: number | null
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

/** The only tensor that becomes a setting of config.json. */
export const ROPE_FACTORS = 'rope_freqs.weight'

const topModules: Readonly<Record<string, string>> = { token_embd: 'model.embed_tokens', output_norm: 'model.norm', output: 'lm_head' }

interface Expected {
  readonly module: string
  readonly shape: readonly number[]
  readonly optional?: boolean
  readonly permuted?: boolean
}

/** The tensors of one decoder layer, by GGUF name. */
function layerTensors(config: GgufModelConfig): Record<string, Expected> {
  const { hiddenSize: hidden, family } = config
  const queryRows = config.attentionHeads * config.headDim
  const kvRows = config.kvHeads * config.headDim
  const permuted = family.permutesRope
  const biasOptional = !family.hasAttentionBias
  return {
    'attn_norm.weight': { module: 'input_layernorm', shape: [hidden] },
    'ffn_norm.weight': { module: 'post_attention_layernorm', shape: [hidden] },
    'attn_q.weight': { module: 'self_attn.q_proj', shape: [queryRows, hidden], permuted },
    'attn_k.weight': { module: 'self_attn.k_proj', shape: [kvRows, hidden], permuted },
    'attn_v.weight': { module: 'self_attn.v_proj', shape: [kvRows, hidden] },
    'attn_output.weight': { module: 'self_attn.o_proj', shape: [hidden, queryRows] },
    ...feedForwardTensors(config),
    ...(family.hasQueryKeyNorm
      ? {}
      : {
          'attn_q.bias': { module: 'self_attn.q_proj', shape: [queryRows], permuted, optional: biasOptional },
          'attn_k.bias': { module: 'self_attn.k_proj', shape: [kvRows], permuted, optional: biasOptional },
          'attn_v.bias': { module: 'self_attn.v_proj', shape: [kvRows], optional: biasOptional },
        }),
    ...(family.modelType === 'llama' ? { 'attn_output.bias': { module: 'self_attn.o_proj', shape: [hidden], optional: true } } : {}),
    ...(family.hasQueryKeyNorm
      ? {
          'attn_q_norm.weight': { module: 'self_attn.q_norm', shape: [config.headDim] },
          'attn_k_norm.weight': { module: 'self_attn.k_norm', shape: [config.headDim] },
        }
      : {}),
  }
}

function feedForwardTensors({ hiddenSize: hidden, intermediateSize: inner, experts }: GgufModelConfig): Record<string, Expected> {
  if (!experts)
    return {
      'ffn_gate.weight': { module: 'mlp.gate_proj', shape: [inner, hidden] },
      'ffn_up.weight': { module: 'mlp.up_proj', shape: [inner, hidden] },
      'ffn_down.weight': { module: 'mlp.down_proj', shape: [hidden, inner] },
    }
  const { module, count, width } = experts
  return {
    'ffn_gate_inp.weight': { module: `${module}.gate`, shape: [count, hidden] },
    'ffn_gate_exps.weight': { module: `${module}.switch_mlp.gate_proj`, shape: [count, width, hidden] },
    'ffn_up_exps.weight': { module: `${module}.switch_mlp.up_proj`, shape: [count, width, hidden] },
    'ffn_down_exps.weight': { module: `${module}.switch_mlp.down_proj`, shape: [count, hidden, width] },
  }
}

function expectedTensors(config: GgufModelConfig): Map<string, Expected> {
  const expected = new Map<string, Expected>([
    ['token_embd.weight', { module: topModules['token_embd']!, shape: [config.vocabSize, config.hiddenSize] }],
    ['output_norm.weight', { module: topModules['output_norm']!, shape: [config.hiddenSize] }],
    ['output.weight', { module: topModules['output']!, shape: [config.vocabSize, config.hiddenSize], optional: true }],
  ])
  const perLayer = Object.entries(layerTensors(config))
  for (let layer = 0; layer < config.layers; layer++)
    for (const [name, tensor] of perLayer)
      expected.set(`blk.${layer}.${name}`, { ...tensor, module: `model.layers.${layer}.${tensor.module}` })
  return expected
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
  for (const name of byName.keys())
    if (!expected.has(name) && name !== ROPE_FACTORS)
      throw new AppError(
        'model-unsupported',
        `The GGUF file has a tensor that is unknown in the family ${config.family.modelType}: ${name}.`,
        { tensor: name },
      )
  const planned: PlannedTensor[] = []
  for (const [name, { module, shape, optional, permuted }] of expected) {
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
    const isVector = shape.length === 1
    // A permuted vector is a column: each of its numbers is a row.
    const columns = isVector && permuted ? 1 : shape.at(-1)!
    const rows = shape.reduce((product, size) => product * size, 1) / columns
    const format = blockFormats.get(type.name) ?? null
    if (isVector && format)
      throw new AppError('model-unsupported', `The tensor ${name} is a vector stored as ${type.name}.`, { tensor: name, type: type.name })
    planned.push({
      module,
      suffix: name.endsWith('.bias') ? 'bias' : 'weight',
      type,
      format: isExact && format?.kind === 'numbers' ? null : format,
      stack: shape.length === 3 ? shape[0]! : null,
      rows,
      columns,
      isVector,
      permutedHeadRows: permuted ? config.headDim : null,
      part,
      startBytes,
    })
  }
  return planned
}
