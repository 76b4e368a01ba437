import { z } from 'zod'
import { AppError } from '../../shared/app-error.ts'
import { cleanModelConfig } from '../../shared/models/clean-model-config.ts'
import { asKnownConfig, findFamily, type KnownFamily } from '../../shared/models/described-family.ts'
import { isEncoderConfig, purposeOf } from '../../shared/models/encoder-config.ts'
import type { ModelId } from '../../shared/ids.ts'
import { ModelCard, ParallelStrategy } from '../../shared/models/model-card.ts'
import { isHeadTied, statedTie } from '../files/shard-tensors.ts'
import { denseLayersOf } from './dense-layers.ts'
import { encoderSizes } from './encoder-sizes.ts'
import { expertsOf } from './experts.ts'
import { fullLayerNumbersOf } from './full-layer-numbers.ts'
import { slidingLayersOf } from './sliding-layers.ts'
import { stateLayersOf } from './state-layers.ts'

const DEFAULT_CONTEXT_TOKENS = 4096
/** The limit for a model whose config.json sets no realistic one. */
const LONGEST_CONTEXT_TOKENS = 2 ** 24

const GEMMA3 = { num_hidden_layers: 26, hidden_size: 1152, head_dim: 256, max_position_embeddings: 131_072 }
const Size = z.int().min(1)
/** The fields of config.json that a card needs. */
const Config = z.object({
  num_hidden_layers: Size,
  hidden_size: Size,
  num_attention_heads: Size,
  num_key_value_heads: Size.nullish(),
  /** Step's name for it. */
  num_attention_groups: Size.nullish(),
  head_dim: Size.nullish(),
  /** Size of a head's output in models with latent attention, which have no single `head_dim`. */
  v_head_dim: Size.nullish(),
  kv_lora_rank: Size.nullish(),
  qk_rope_head_dim: Size.nullish(),
  /** The width of the keys of a sparse index, which are cached too. */
  index_head_dim: Size.nullish(),
  /** The width of each expert, or of the MLP of every layer. */
  moe_intermediate_size: Size.nullish(),
  intermediate_size: Size.nullish(),
  num_local_experts: z.int().nullish(),
  vocab_size: Size,
  max_position_embeddings: z.number().min(1).transform(Math.trunc).nullish(),
})
/** Values that the configs of a family may leave out. */
const DEFAULTS: Readonly<Record<string, z.input<typeof Config>>> = {
  gemma3: { ...GEMMA3, num_attention_heads: 8, num_key_value_heads: 4, vocab_size: 262_208 },
  gemma3_text: { ...GEMMA3, num_attention_heads: 4, num_key_value_heads: 1, vocab_size: 262_144 },
}
const QuantizationConfig = z.object({ bits: z.number().min(1).max(8), group_size: Size, mode: z.string().optional() })

/** The fields of a catalogue card that the model's files do not contain. */
export type CatalogueFacts = Pick<
  ModelCard,
  'aliases' | 'minDevices' | 'strategies' | 'sampling' | 'capabilities' | 'isMultimodal' | 'license'
>

export function catalogueFactsOf(card: ModelCard): CatalogueFacts {
  const { aliases, minDevices, strategies, sampling, capabilities, isMultimodal, license } = card
  return {
    aliases,
    minDevices,
    strategies,
    ...(sampling && { sampling }),
    ...(capabilities && { capabilities }),
    ...(isMultimodal !== undefined && { isMultimodal }),
    ...(license !== undefined && { license }),
  }
}

/**
 * The card of a model folder.
 *
 * @param rawConfig - config.json; vision models keep the text model's sizes in `text_config`
 * @param weightBytes - total size of the weight files
 * @param knownFamilies - the families that the engine can run
 * @param longestText - the most tokens of a text that the model's files state besides; null: they state none
 * @param tensorNames - tensor names of all weight files, if known
 * @throws AppError `model-unsupported` | `model-damaged`
 */
export function modelCardOfConfig(
  modelId: ModelId,
  rawConfig: Readonly<Record<string, unknown>>,
  weightBytes: number,
  knownFamilies: readonly KnownFamily[],
  facts: CatalogueFacts = { aliases: [], minDevices: 1, strategies: [...ParallelStrategy.options] },
  tensorNames?: readonly string[],
  longestText: number | null = null,
): ModelCard {
  const ownConfig = cleanModelConfig(rawConfig)
  const modelType = ownConfig['model_type']
  if (typeof modelType !== 'string') throw new AppError('model-damaged', `The config.json of ${modelId} has no model_type.`, { modelId })
  const known = findFamily(knownFamilies, modelType)
  if (known === undefined) {
    const knownTypes = knownFamilies.map((family) => (typeof family === 'string' ? family : family.modelType))
    throw new AppError(
      'model-unsupported',
      `The model ${modelId} has the type "${modelType}", which is not supported. Supported: ${knownTypes.toSorted().join(', ')}.`,
      { modelId, modelType, knownTypes },
    )
  }
  const [config, family] = typeof known === 'string' ? [ownConfig, known] : [asKnownConfig(known, ownConfig), known.like]
  const textConfig = config['text_config']
  const isNested = config['hidden_size'] === undefined && typeof textConfig === 'object' && textConfig !== null
  const isEncoder = isEncoderConfig(config)
  const flat = { ...DEFAULTS[family], ...(isEncoder ? encoderSizes(config) : config), ...(isNested ? textConfig : {}) }
  const sizes = Config.safeParse(flat)
  if (!sizes.success) {
    const issue = sizes.error.issues[0]
    throw new AppError('model-damaged', `The config.json of ${modelId} has no valid ${issue?.path.join('.')}: ${issue?.message}.`, {
      modelId,
      field: issue?.path.join('.'),
    })
  }
  const quantization = QuantizationConfig.safeParse(config['quantization'] ?? config['quantization_config'])
  const { data } = sizes
  const headDim = data.head_dim ?? data.v_head_dim ?? data.hidden_size / data.num_attention_heads
  if (!Number.isInteger(headDim))
    throw new AppError('model-damaged', `The config.json of ${modelId} has a hidden_size that is not a multiple of its attention heads.`, {
      modelId,
      field: 'hidden_size',
    })
  const expertWidth = data.moe_intermediate_size ?? (data.num_local_experts ? data.intermediate_size : null)
  const denseLayers = denseLayersOf(flat)
  const experts = expertWidth == null ? undefined : expertsOf(flat)
  const slidingLayers = isEncoder ? undefined : slidingLayersOf(family, flat)
  // An encoder keeps nothing of a text.
  const stateLayers = isEncoder ? { count: data.num_hidden_layers, sequenceBytes: 0 } : stateLayersOf(family, flat)
  // An encoder has no head.
  const tiedEmbeddings = isEncoder ? true : tensorNames ? isHeadTied(flat, tensorNames) : statedTie(flat)
  const purpose = purposeOf(modelId, config)
  const fullLayerNumbers = isEncoder ? undefined : fullLayerNumbersOf(family, flat)
  return ModelCard.parse({
    modelId,
    ...facts,
    family: modelType,
    layers: data.num_hidden_layers,
    hiddenSize: data.hidden_size,
    attentionHeads: data.num_attention_heads,
    kvHeads: data.num_key_value_heads ?? data.num_attention_groups ?? data.num_attention_heads,
    headDim,
    ...(data.kv_lora_rank && data.qk_rope_head_dim
      ? { kvLatentDim: data.kv_lora_rank + data.qk_rope_head_dim + (data.index_head_dim ?? 0) }
      : ['deepseek_v4', 'deepseek_v41'].includes(family)
        ? { kvLatentDim: headDim } // One key for all heads, which every rank has.
        : {}),
    ...(expertWidth == null ? (data.intermediate_size ? { intermediateSize: data.intermediate_size } : {}) : { expertWidth }),
    ...(experts && { experts }),
    ...(denseLayers && { denseLayers }),
    ...(slidingLayers && { slidingLayers }),
    ...(stateLayers && { stateLayers }),
    ...(fullLayerNumbers && { fullLayerNumbers }),
    ...(tiedEmbeddings !== undefined && { tiedEmbeddings }),
    ...(purpose && { purpose }),
    ...(isEncoder && { isEncoder, strategies: ['pipeline'], minDevices: 1 }),
    vocabSize: data.vocab_size,
    weightBytes,
    quantization: quantization.success
      ? {
          bits: quantization.data.bits,
          groupSize: quantization.data.group_size,
          ...(quantization.data.mode === undefined ? {} : { mode: quantization.data.mode }),
        }
      : null,
    contextTokens: Math.min(
      data.max_position_embeddings ?? DEFAULT_CONTEXT_TOKENS,
      longestText ?? LONGEST_CONTEXT_TOKENS,
      LONGEST_CONTEXT_TOKENS,
    ),
  })
}
