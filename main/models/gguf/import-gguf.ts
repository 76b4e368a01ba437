import { mkdir, open, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { AppError } from '../../shared/app-error.ts'
import { fillNewFolder } from '../files/fill-new-folder.ts'
import { GROUP_ELEMENTS } from './blocks/block-format.ts'
import { convertFloats, createChunkMemory, type FloatDtype } from './blocks/convert-blocks.ts'
import { ggufMetadata } from './gguf-metadata.ts'
import type { GgufModelConfig } from './gguf-family.ts'
import { ggufModelConfig } from './gguf-model-config.ts'
import { ggufTokenizer, type TokenizerFiles } from './gguf-tokenizer.ts'
import { type GgufPart, openGguf } from './open-gguf.ts'
import type { GgufTensorInfo } from './parse-gguf-header.ts'
import { locateTensor, type PlannedTensor, LONG_FACTORS, planGgufTensors, ROPE_FACTORS, SHORT_FACTORS } from './plan-gguf-tensors.ts'
import { writeGgufWeights } from './write-gguf-weights.ts'

export interface ImportGgufOptions {
  /** The file, or any part of a model in several files. */
  readonly ggufPath: string
  /** Created by the import; must not exist. */
  readonly targetDir: string
  /** The type of scales, biases and plain tensors. Default: float32, which is lossless; for an unquantized file, the file's own type. */
  readonly dtype?: FloatDtype
  /** Writes Q2_K, Q3_K and Q6_K as plain numbers of `dtype`, where they would be quantized again. */
  readonly isExact?: boolean
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void
  readonly signal?: AbortSignal
}

/**
 * Converts a GGUF file into a model folder in the layout of mlx-community. The folder appears complete or not at all.
 *
 * @throws AppError `model-not-found` | `model-damaged` | `model-unsupported` | `model-exists`; the signal's reason when
 *   aborted
 */
export async function importGguf(options: ImportGgufOptions): Promise<void> {
  const { ggufPath, targetDir, onProgress = () => {}, signal = new AbortController().signal } = options
  const source = await openGguf(ggufPath)
  try {
    const { parts } = source
    const metadata = ggufMetadata(parts[0]!.header)
    const config = ggufModelConfig(metadata, vocabSizeOf(parts), {
      llama3: await readFactors(parts, ROPE_FACTORS),
      long: await readFactors(parts, LONG_FACTORS),
      short: await readFactors(parts, SHORT_FACTORS),
    })
    const tensors = planGgufTensors(parts, config, options.isExact)
    const tokenizer = ggufTokenizer(metadata, config.contextTokens)
    const dtype = options.dtype ?? ownDtype(tensors)
    signal.throwIfAborted()
    await mkdir(dirname(targetDir), { recursive: true })
    await fillNewFolder(targetDir, async (temporaryDir) => {
      const weights = await open(join(temporaryDir, 'model.safetensors'), 'w')
      try {
        await writeGgufWeights(
          parts.map(({ file }) => file),
          weights,
          tensors,
          { dtype, onProgress, signal },
        )
        await weights.sync()
      } finally {
        await weights.close()
      }
      for (const [name, value] of Object.entries(jsonFiles(config, tensors, tokenizer, dtype)))
        await writeFile(join(temporaryDir, name), JSON.stringify(value, null, name === 'tokenizer.json' ? undefined : 2))
    })
  } finally {
    await source.close()
  }
}

/** The tensor of that name, and the part that contains it. */
function findTensor(parts: readonly GgufPart[], name: string): { part: GgufPart; tensor: GgufTensorInfo } | null {
  for (const part of parts) {
    const tensor = part.header.tensors.find((candidate) => candidate.name === name)
    if (tensor) return { part, tensor }
  }
  return null
}

function vocabSizeOf(parts: readonly GgufPart[]): number {
  const vocabSize = findTensor(parts, 'token_embd.weight')?.tensor.dimensions[1] ?? 0
  if (vocabSize < 1) throw new AppError('model-damaged', 'The GGUF file has no tensor token_embd.weight.', { tensor: 'token_embd.weight' })
  return vocabSize
}

/** Reads a vector with a number for each rotated pair of dimensions. */
async function readFactors(parts: readonly GgufPart[], name: string): Promise<Float32Array | null> {
  const found = findTensor(parts, name)
  if (!found) return null
  const { type, startBytes, lengthBytes } = locateTensor(found.part, found.tensor)
  if (type.blockElements !== 1 || lengthBytes > 65536)
    throw new AppError('model-damaged', `The tensor ${name} is not a short vector of plain numbers.`)
  const bytes = Buffer.alloc(lengthBytes)
  await found.part.file.read(bytes, 0, lengthBytes, startBytes)
  const values = convertFloats(type.name, bytes, 'float32', createChunkMemory())
  return new Float32Array(values.buffer, values.byteOffset, values.length / 4)
}

function ownDtype(tensors: readonly PlannedTensor[]): FloatDtype {
  const matrices = tensors.filter((tensor) => !tensor.isVector)
  if (matrices.every((tensor) => tensor.type.name === 'F16')) return 'float16'
  if (matrices.every((tensor) => tensor.type.name === 'BF16')) return 'bfloat16'
  return 'float32'
}

/** The bits of most matrices. Modules that differ are listed individually, as in mlx-lm's mixed quantization. */
function quantizationOf(tensors: readonly PlannedTensor[]): Record<string, unknown> | null {
  const modules = tensors.flatMap(({ module, format }) => (format ? [{ module, bits: format.bits }] : []))
  if (modules.length === 0) return null
  const counts = new Map<number, number>()
  for (const { bits } of modules) counts.set(bits, (counts.get(bits) ?? 0) + 1)
  const [bits] = [...counts].reduce((most, next) => (next[1] > most[1] ? next : most))
  const base = { group_size: GROUP_ELEMENTS, bits, mode: 'affine' }
  const others = modules.filter((module) => module.bits !== bits)
  return { ...base, ...Object.fromEntries(others.map((other) => [other.module, { ...base, bits: other.bits }])) }
}

function expertsOf({ experts }: GgufModelConfig): Record<string, unknown> {
  if (!experts) return {}
  const { count, used, width } = experts
  return {
    num_experts: count,
    num_experts_per_tok: used,
    moe_intermediate_size: width,
    norm_topk_prob: true,
    decoder_sparse_step: 1,
    mlp_only_layers: [],
  }
}

function jsonFiles(
  config: GgufModelConfig,
  tensors: readonly PlannedTensor[],
  tokenizer: TokenizerFiles,
  dtype: FloatDtype,
): Record<string, object> {
  const quantization = quantizationOf(tensors)
  const has = (module: string, suffix: string): boolean =>
    tensors.some((tensor) => tensor.module.endsWith(module) && tensor.suffix === suffix)
  const eos = tokenizer.eosTokenIds.length === 1 ? tokenizer.eosTokenIds[0] : tokenizer.eosTokenIds
  const tokenIds = {
    ...(tokenizer.bosTokenId === null ? {} : { bos_token_id: tokenizer.bosTokenId }),
    ...(tokenizer.eosTokenIds.length === 0 ? {} : { eos_token_id: eos }),
    ...(tokenizer.padTokenId === null ? {} : { pad_token_id: tokenizer.padTokenId }),
  }
  return {
    'config.json': {
      architectures: [config.family.className],
      model_type: config.family.modelType,
      hidden_act: 'silu',
      hidden_size: config.hiddenSize,
      intermediate_size: config.intermediateSize,
      ...expertsOf(config),
      num_hidden_layers: config.layers,
      num_attention_heads: config.attentionHeads,
      num_key_value_heads: config.kvHeads,
      head_dim: config.headDim,
      vocab_size: config.vocabSize,
      max_position_embeddings: config.contextTokens,
      rms_norm_eps: config.normEpsilon,
      rope_theta: config.ropeTheta,
      rope_scaling: config.ropeScaling,
      tie_word_embeddings: !has('lm_head', 'weight'),
      attention_bias: has('self_attn.q_proj', 'bias'),
      mlp_bias: false,
      ...(config.rotatedRatio !== null && { partial_rotary_factor: config.rotatedRatio }),
      ...(config.family.isQueryKeyNormOptional && { use_qk_norm: has('self_attn.q_norm', 'weight') }),
      ...config.further,
      torch_dtype: dtype,
      ...tokenIds,
      ...(quantization ? { quantization, quantization_config: quantization } : {}),
    },
    'generation_config.json': tokenIds,
    'tokenizer.json': tokenizer.tokenizer,
    'tokenizer_config.json': tokenizer.tokenizerConfig,
  }
}
