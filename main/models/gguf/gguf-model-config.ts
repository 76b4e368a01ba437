import { AppError } from '../../shared/app-error.ts'
import { familiesWithExperts, ggufFamilies, ggufKeys } from './gguf-families.ts'
import type { GgufExperts, GgufLatent, GgufModelConfig } from './gguf-family.ts'
import type { GgufMetadata } from './gguf-metadata.ts'
import { leftOutArchitectures } from './left-out-architectures.ts'

/** The shortest decimal number that gives a float32: 1e-5, not 9.999999747378752e-06. */
function shortestDecimal(single: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const candidate = Number(single.toPrecision(digits))
    if (Math.fround(candidate) === Math.fround(single)) return candidate
  }
  return single
}

/** Vectors of factors on wavelengths: of llama 3, and of LongRoPE for long and short contexts. */
interface RopeFactors {
  readonly llama3: Float32Array | null
  readonly long: Float32Array | null
  readonly short: Float32Array | null
}

/**
 * The rope scaling given by the metadata (linear, yarn) or by llama 3's tensor of per-dimension divisors.
 *
 * @param factors - each of shape [rotated dimensions / 2]; null if the file has none
 */
function ropeScalingOf(
  metadata: GgufMetadata,
  architecture: string,
  headDim: number,
  theta: number,
  { llama3, long, short }: RopeFactors,
): Record<string, unknown> | null {
  if (llama3) return llama3Scaling(llama3, headDim, theta)
  const original = metadata.number(`${architecture}.rope.scaling.original_context_length`)
  if (long && short) {
    const factors = { long_factor: Array.from(long, shortestDecimal), short_factor: Array.from(short, shortestDecimal) }
    return { type: 'longrope', ...factors, ...(original === null ? {} : { original_max_position_embeddings: original }) }
  }
  const type = metadata.text(`${architecture}.rope.scaling.type`) ?? 'none'
  if (type === 'none') return null
  if (type !== 'linear' && type !== 'yarn')
    throw new AppError(
      'model-unsupported',
      `The GGUF file uses rope scaling "${type}", which is not supported; linear, yarn and llama 3's are.`,
      { type },
    )
  const factor = metadata.number(`${architecture}.rope.scaling.factor`)
  if (factor === null) throw new AppError('model-damaged', 'The GGUF file names a rope scaling without its factor.')
  return { rope_type: type, factor: shortestDecimal(factor), ...(original === null ? {} : { original_max_position_embeddings: original }) }
}

/** Llama 3 divides low frequencies by `factor`, keeps high ones, and blends in between. Its published models differ only in `factor`. */
function llama3Scaling(factors: Float32Array, headDim: number, theta: number): Record<string, unknown> {
  const factor = Math.round(factors[factors.length - 1]! * 1000) / 1000
  const scaling = { rope_type: 'llama3', factor, low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 8192 }
  const fits = factors.every((stored, index) => {
    const wavelength = 2 * Math.PI * theta ** ((2 * index) / headDim)
    const smooth = Math.min(1, Math.max(0, (8192 / wavelength - 1) / 3))
    return Math.abs(stored * ((1 - smooth) / factor + smooth) - 1) < 1e-3
  })
  if (!fits)
    throw new AppError('model-unsupported', 'The GGUF file has a table of rope factors that is not of the llama 3 kind.', { factor })
  return scaling
}

/**
 * Reads the model's sizes from the metadata.
 *
 * @param ropeFactors - the factors of rotary positions that the file has
 * @throws AppError `model-unsupported` for an unknown family; `model-damaged` if sizes are missing
 */
export function ggufModelConfig(metadata: GgufMetadata, vocabSize: number, ropeFactors: RopeFactors): GgufModelConfig {
  const architecture = metadata.requireText('general.architecture')
  const expertCount = metadata.number(`${architecture}.expert_count`) ?? 0
  const families = expertCount > 0 && Object.hasOwn(familiesWithExperts, architecture) ? familiesWithExperts : ggufFamilies
  const family = Object.hasOwn(families, architecture) ? families[architecture] : undefined
  if (!family) {
    const reason = leftOutArchitectures.get(architecture)
    throw new AppError(
      'model-unsupported',
      `GGUF files of the family "${architecture}" cannot be imported${reason === undefined ? '' : `. ${reason}`}. These can: ` +
        `${Object.keys(ggufFamilies).join(', ')}.`,
      { architecture },
    )
  }
  if (expertCount > 0 !== (family.experts !== undefined))
    throw new AppError('model-unsupported', `GGUF files of the family "${architecture}" with ${expertCount} experts cannot be imported.`, {
      architecture,
      expertCount,
    })
  const count = (name: string): number => metadata.requireCount(`${architecture}.${name}`)
  const hiddenSize = count('embedding_length')
  const width = metadata.number(`${architecture}.expert_feed_forward_length`)
  const intermediateSize = metadata.most(`${architecture}.feed_forward_length`) ?? width ?? count('feed_forward_length')
  const expertWidth = width ?? intermediateSize
  const sharedCount = metadata.number(`${architecture}.expert_shared_count`) ?? 0
  const experts: GgufExperts | null =
    family.experts === undefined
      ? null
      : {
          count: count('expert_count'),
          used: count('expert_used_count'),
          width: expertWidth,
          sharedWidth:
            family.experts.shared === undefined
              ? 0
              : (metadata.number(`${architecture}.expert_shared_feed_forward_length`) ?? sharedCount * expertWidth),
          denseLayers: metadata.number(`${architecture}.leading_dense_block_count`) ?? 0,
        }
  const attentionHeads = count('attention.head_count')
  const latent = family.isLatent ? latentOf(metadata, architecture) : null
  const headDim = latent
    ? latent.plain + latent.rotated
    : (metadata.number(`${architecture}.attention.key_length`) ?? hiddenSize / attentionHeads)
  const ropeDimensions = metadata.number(`${architecture}.rope.dimension_count`) ?? headDim
  if (!Number.isInteger(headDim) || headDim < 2 || headDim % 2 !== 0)
    throw new AppError('model-damaged', 'The GGUF metadata gives an impossible head size.', { headDim })
  if (family.rotatesPart || latent ? ropeDimensions > headDim || ropeDimensions % 2 !== 0 : ropeDimensions !== headDim)
    throw new AppError('model-unsupported', 'Models that rotate only a part of each head cannot be imported.', { ropeDimensions, headDim })
  const ropeTheta = shortestDecimal(metadata.number(`${architecture}.rope.freq_base`) ?? 10000)
  const predictingLayers = metadata.number(`${architecture}.nextn_predict_layers`) ?? 0
  const layers = count('block_count') - predictingLayers
  const keys = ggufKeys(
    metadata,
    architecture,
    { hiddenSize, heads: attentionHeads, headDim, layers, vocabSize, ropeFactors: ropeFactors.llama3 },
    shortestDecimal,
  )
  return {
    family,
    layers,
    latent,
    hiddenSize,
    intermediateSize,
    experts,
    attentionHeads,
    // Of latent attention, GGUF counts the one latent.
    kvHeads: (latent ? null : metadata.most(`${architecture}.attention.head_count_kv`)) ?? attentionHeads,
    headDim,
    vocabSize,
    contextTokens: count('context_length'),
    normEpsilon: shortestDecimal(metadata.number(`${architecture}.attention.layer_norm_rms_epsilon`) ?? 1e-5),
    ropeTheta,
    ropeScaling: family.hasOwnRopeFactors ? null : ropeScalingOf(metadata, architecture, headDim, ropeTheta, ropeFactors),
    rotatedRatio: latent || ropeDimensions === headDim ? null : ropeDimensions / headDim,
    predictingLayers,
    keys,
    further: family.config?.(keys) ?? {},
  }
}

/** Files with absorbed heads state the sizes of both: of a head, and of what is cached. */
function latentOf(metadata: GgufMetadata, architecture: string): GgufLatent {
  const count = (name: string): number => metadata.requireCount(`${architecture}.${name}`)
  const either = (name: string): number => metadata.number(`${architecture}.${name}_mla`) ?? count(name)
  const rotated = count('rope.dimension_count')
  return {
    queryRank: metadata.number(`${architecture}.attention.q_lora_rank`),
    rank: count('attention.kv_lora_rank'),
    rotated,
    plain: either('attention.key_length') - rotated,
    value: either('attention.value_length'),
  }
}
