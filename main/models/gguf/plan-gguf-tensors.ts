import { AppError } from '../../shared/app-error.ts'
import { blockFormats } from './blocks/block-formats.ts'
import type { BlockFormat } from './blocks/block-format.ts'
import type { GgufExpertsForm } from './gguf-families.ts'
import type { GgufExperts, GgufLatent, GgufModelConfig } from './gguf-model-config.ts'
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

/** The tensors that become settings of config.json. */
export const ROPE_FACTORS = 'rope_freqs.weight'
export const LONG_FACTORS = 'rope_factors_long.weight'
export const SHORT_FACTORS = 'rope_factors_short.weight'
const SETTINGS: readonly string[] = [ROPE_FACTORS, LONG_FACTORS, SHORT_FACTORS]

const topModules: Readonly<Record<string, string>> = { token_embd: 'model.embed_tokens', output_norm: 'model.norm', output: 'lm_head' }

interface Expected {
  readonly module: string
  readonly shape: readonly number[]
  readonly optional?: boolean
  readonly permuted?: boolean
  readonly suffix?: string
  readonly offset?: number
  /** A matrix of one row, which GGUF stores as a vector. */
  readonly isRow?: boolean
}

const USUAL_NORMS = { attn_norm: 'input_layernorm', ffn_norm: 'post_attention_layernorm' }

/** The tensors of one decoder layer, by GGUF name. */
function layerTensors(config: GgufModelConfig, layer: number): Record<string, Expected> {
  const { hiddenSize: hidden, family, headDim } = config
  const queryRows = config.attentionHeads * headDim
  const kvRows = config.kvHeads * headDim
  const permuted = family.permutesRope === true
  const { attentionBias = family.queryKeyNorm ? 'none' : 'possible' } = family
  const bias = { permuted, optional: attentionBias === 'possible' }
  const offset = -(family.normOffset ?? 0)
  const norms = Object.entries(family.norms ?? USUAL_NORMS).map(([name, module]): [string, Expected] => [
    `${name}.weight`,
    { module, shape: [hidden], offset },
  ])
  return {
    ...Object.fromEntries(norms),
    ...(config.latent ? latentTensors(config, config.latent) : groupedTensors(config, queryRows, kvRows)),
    ...(config.experts && layer >= config.experts.denseLayers ? expertTensors(config, config.experts) : denseTensors(config)),
    ...(attentionBias === 'none'
      ? {}
      : {
          'attn_q.bias': { module: 'self_attn.q_proj', shape: [queryRows], ...bias },
          'attn_k.bias': { module: 'self_attn.k_proj', shape: [kvRows], ...bias },
          'attn_v.bias': { module: 'self_attn.v_proj', shape: [kvRows], ...bias, permuted: false },
        }),
    ...(family.hasSinks && { 'attn_sinks.weight': { module: 'self_attn', suffix: 'sinks', shape: [config.attentionHeads] } }),
    ...(['llama', 'gpt_oss'].includes(family.modelType)
      ? { 'attn_output.bias': { module: 'self_attn.o_proj', shape: [hidden], optional: true } }
      : {}),
    ...queryKeyNorms(config, queryRows, kvRows),
  }
}

function groupedTensors({ hiddenSize: hidden, family }: GgufModelConfig, queryRows: number, kvRows: number): Record<string, Expected> {
  const permuted = family.permutesRope === true
  const output = { module: 'self_attn.o_proj', shape: [hidden, queryRows] }
  if (family.queryKeyValue !== undefined)
    return { 'attn_qkv.weight': { module: family.queryKeyValue, shape: [queryRows + 2 * kvRows, hidden] }, 'attn_output.weight': output }
  return {
    'attn_q.weight': { module: 'self_attn.q_proj', shape: [queryRows, hidden], permuted },
    'attn_k.weight': { module: 'self_attn.k_proj', shape: [kvRows, hidden], permuted },
    'attn_v.weight': { module: 'self_attn.v_proj', shape: [kvRows, hidden] },
    'attn_output.weight': output,
  }
}

/** Older files have both matrices of each head in one. */
function latentTensors({ hiddenSize: hidden, attentionHeads: heads }: GgufModelConfig, latent: GgufLatent): Record<string, Expected> {
  const { queryRank, rank, rotated, plain, value } = latent
  const queryRows = heads * (plain + rotated)
  return {
    ...(queryRank === null
      ? { 'attn_q.weight': { module: 'self_attn.q_proj', shape: [queryRows, hidden] } }
      : {
          'attn_q_a.weight': { module: 'self_attn.q_a_proj', shape: [queryRank, hidden] },
          'attn_q_a_norm.weight': { module: 'self_attn.q_a_layernorm', shape: [queryRank] },
          'attn_q_b.weight': { module: 'self_attn.q_b_proj', shape: [queryRows, queryRank] },
        }),
    'attn_kv_a_mqa.weight': { module: 'self_attn.kv_a_proj_with_mqa', shape: [rank + rotated, hidden] },
    'attn_kv_a_norm.weight': { module: 'self_attn.kv_a_layernorm', shape: [rank] },
    'attn_kv_b.weight': { module: 'self_attn.kv_b_proj', shape: [heads * (plain + value), rank], optional: true },
    'attn_k_b.weight': { module: 'self_attn.embed_q', shape: [heads, rank, plain], optional: true },
    'attn_v_b.weight': { module: 'self_attn.unembed_out', shape: [heads, value, rank], optional: true },
    'attn_output.weight': { module: 'self_attn.o_proj', shape: [hidden, heads * value] },
  }
}

function queryKeyNorms({ family, headDim }: GgufModelConfig, queryRows: number, kvRows: number): Record<string, Expected> {
  const { queryKeyNorm, queryKeyNorms: [query, key] = ['q_norm', 'k_norm'], isQueryKeyNormOptional: optional = false } = family
  if (queryKeyNorm === undefined) return {}
  const rest = { optional, offset: -(family.normOffset ?? 0) }
  const isOfRows = queryKeyNorm === 'rows'
  return {
    'attn_q_norm.weight': { module: `self_attn.${query}`, shape: [isOfRows ? queryRows : headDim], ...rest },
    'attn_k_norm.weight': { module: `self_attn.${key}`, shape: [isOfRows ? kvRows : headDim], ...rest },
  }
}

function denseTensors({ hiddenSize: hidden, intermediateSize: inner, family }: GgufModelConfig): Record<string, Expected> {
  const down = { module: 'mlp.down_proj', shape: [hidden, inner] }
  if (family.gateUp !== undefined)
    return { 'ffn_up.weight': { module: family.gateUp, shape: [2 * inner, hidden] }, 'ffn_down.weight': down }
  return {
    'ffn_gate.weight': { module: 'mlp.gate_proj', shape: [inner, hidden] },
    'ffn_up.weight': { module: 'mlp.up_proj', shape: [inner, hidden] },
    'ffn_down.weight': down,
  }
}

function expertTensors(
  { hiddenSize: hidden, family }: GgufModelConfig,
  { count, width, sharedWidth }: GgufExperts,
): Record<string, Expected> {
  const {
    module,
    router = 'gate',
    stack = 'switch_mlp',
    hasBias = false,
    shared,
    hasSharedGate = false,
    correction,
    isCorrectionOptional: optional = false,
  } = family.experts as GgufExpertsForm
  return {
    'ffn_gate_inp.weight': { module: `${module}.${router}`, shape: [count, hidden] },
    'ffn_gate_exps.weight': { module: `${module}.${stack}.gate_proj`, shape: [count, width, hidden] },
    'ffn_up_exps.weight': { module: `${module}.${stack}.up_proj`, shape: [count, width, hidden] },
    'ffn_down_exps.weight': { module: `${module}.${stack}.down_proj`, shape: [count, hidden, width] },
    ...(hasBias && {
      'ffn_gate_inp.bias': { module: `${module}.${router}`, shape: [count] },
      'ffn_gate_exps.bias': { module: `${module}.${stack}.gate_proj`, shape: [count, width] },
      'ffn_up_exps.bias': { module: `${module}.${stack}.up_proj`, shape: [count, width] },
      'ffn_down_exps.bias': { module: `${module}.${stack}.down_proj`, shape: [count, hidden] },
    }),
    ...(correction && { 'exp_probs_b.bias': { module: correction[0], suffix: correction[1], shape: [count], optional } }),
    ...(shared !== undefined &&
      sharedWidth > 0 && {
        'ffn_gate_shexp.weight': { module: `${module}.${shared}.gate_proj`, shape: [sharedWidth, hidden] },
        'ffn_up_shexp.weight': { module: `${module}.${shared}.up_proj`, shape: [sharedWidth, hidden] },
        'ffn_down_shexp.weight': { module: `${module}.${shared}.down_proj`, shape: [hidden, sharedWidth] },
      }),
    ...(hasSharedGate && { 'ffn_gate_inp_shexp.weight': { module: `${module}.shared_expert_gate`, shape: [hidden], isRow: true } }),
  }
}

function expectedTensors(config: GgufModelConfig): Map<string, Expected> {
  const expected = new Map<string, Expected>([
    ['token_embd.weight', { module: topModules['token_embd']!, shape: [config.vocabSize, config.hiddenSize] }],
    ['output_norm.weight', { module: topModules['output_norm']!, shape: [config.hiddenSize], offset: -(config.family.normOffset ?? 0) }],
    ['output.weight', { module: topModules['output']!, shape: [config.vocabSize, config.hiddenSize], optional: true }],
  ])
  for (let layer = 0; layer < config.layers; layer++)
    for (const [name, tensor] of Object.entries(layerTensors(config, layer)))
      expected.set(`blk.${layer}.${name}`, { ...tensor, module: `model.layers.${layer}.${tensor.module}` })
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
  for (const name of byName.keys())
    if (!expected.has(name) && !SETTINGS.includes(name) && !isOfPrediction(name, config))
      throw new AppError(
        'model-unsupported',
        `The GGUF file has a tensor that is unknown in the family ${config.family.modelType}: ${name}.`,
        { tensor: name },
      )
  const planned: PlannedTensor[] = []
  for (const [name, { module, shape, optional, permuted, suffix, offset = 0, isRow = false }] of expected) {
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
    // A permuted vector is a column: each of its numbers is a row.
    const columns = isVector && permuted ? 1 : shape.at(-1)!
    const rows = shape.reduce((product, size) => product * size, 1) / columns
    const format = blockFormats.get(type.name) ?? null
    if (isVector && format)
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
      permutedHeadRows: permuted ? config.headDim : null,
      part,
      startBytes,
    })
  }
  return planned
}
