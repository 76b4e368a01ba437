import { z } from 'zod'
import { cleanModelConfig } from '../../main/shared/models/clean-model-config.ts'
import { asKnownConfig, type DescribedFamily, findFamily } from '../../main/shared/models/described-family.ts'
import { NativeError } from '../native-error.ts'
import { changeDecoder } from './change-decoder.ts'
import { afmoe } from './experts/afmoe.ts'
import { cohere } from './dense/cohere.ts'
import { cohere2 } from './dense/cohere2.ts'
import { deepseekV2 } from './experts/deepseek-v2.ts'
import { deepseekV4 } from './experts/deepseek-v4.ts'
import { deepseekV41 } from './experts/deepseek-v41.ts'
import { graniteMoe } from './experts/granite-moe.ts'
import { helium } from './dense/helium.ts'
import { ernie45Moe } from './experts/ernie4-5-moe.ts'
import { exaone4 } from './dense/exaone4.ts'
import { exaoneMoe } from './experts/exaone-moe.ts'
import { gemma2 } from './dense/gemma2.ts'
import { granite } from './dense/granite.ts'
import { hunyuanDense } from './dense/hunyuan-dense.ts'
import { hunyuan } from './experts/hunyuan.ts'
import { laguna } from './experts/laguna.ts'
import { mimoV2 } from './experts/mimo-v2.ts'
import { llama4Text } from './dense/llama4-text.ts'
import { minimax } from './experts/minimax.ts'
import { minimaxM3 } from './experts/minimax-m3.ts'
import { mellum } from './experts/mellum.ts'
import { miniCpm } from './dense/minicpm.ts'
import { ministral3 } from './dense/ministral3.ts'
import { olmo2, olmo3, olmoE } from './dense/olmo.ts'
import { qwen2Moe } from './experts/qwen2-moe.ts'
import { mistral4 } from './experts/mistral4.ts'
import { qwen35, qwen3Next } from './experts/qwen3-next.ts'
import { smolLm3 } from './dense/smollm3.ts'
import { stableLm } from './dense/stablelm.ts'
import { step3p5 } from './experts/step3p5.ts'
import { bailingMoe } from './experts/bailing-moe.ts'
import { deepseekV3, deepseekV32, glm4MoeLite, glmMoeDsa } from './deepseek-v3.ts'
import { dots1 } from './experts/dots1.ts'
import type { DecoderDescription, Family } from './family.ts'
import { gemma3, gemma3Text } from './gemma3.ts'
import { gemma4, gemma4Text } from './gemma4.ts'
import { glm, glm4 } from './dense/glm4.ts'
import { glm4Moe } from './glm4-moe.ts'
import { gptOss } from './gpt-oss.ts'
import { ernie45, internLm3, llama, seedOss } from './llama.ts'
import { mixtral } from './mixtral.ts'
import { phi3 } from './phi3.ts'
import { phimoe } from './experts/phimoe.ts'
import { bailingHybrid, bailingMoeLinear } from './states/bailing-linear.ts'
import { falconH1 } from './states/falcon-h1.ts'
import { kimiLinear } from './states/kimi-linear.ts'
import { graniteHybrid } from './states/granite-hybrid.ts'
import { kimiK3 } from './states/kimi-k3.ts'
import { lfm2, lfm2Moe } from './states/lfm2.ts'
import { nemotronH } from './states/nemotron-h.ts'
import { WRAPPED_PLACES } from './parts/module-names.ts'
import { mimo, qwen2 } from './qwen2.ts'
import { qwen3 } from './qwen3.ts'
import { qwen3Moe } from './qwen3-moe.ts'
import { refuseLargeSizes } from './parts/refuse-large-sizes.ts'
import { refuseOtherMeaning } from './parts/refuse-other-meaning.ts'
import { isOwnTextType, textConfigOf, WRAPPED_TEXTS } from './text-of-wrapper.ts'
import { youtuLlm } from './dense/youtu-llm.ts'

const families: readonly Family[] = [
  afmoe,
  cohere,
  cohere2,
  deepseekV2,
  deepseekV4,
  deepseekV41,
  graniteMoe,
  helium,
  ernie45Moe,
  exaone4,
  exaoneMoe,
  gemma2,
  granite,
  hunyuan,
  hunyuanDense,
  laguna,
  mimoV2,
  minimax,
  minimaxM3,
  mellum,
  miniCpm,
  ministral3,
  olmo2,
  olmo3,
  olmoE,
  mistral4,
  qwen2Moe,
  qwen35,
  qwen3Next,
  smolLm3,
  stableLm,
  step3p5,
  bailingMoe,
  bailingHybrid,
  bailingMoeLinear,
  falconH1,
  kimiK3,
  kimiLinear,
  deepseekV3,
  deepseekV32,
  glmMoeDsa,
  dots1,
  ernie45,
  gemma3,
  gemma3Text,
  gemma4,
  gemma4Text,
  glm,
  glm4,
  glm4Moe,
  glm4MoeLite,
  gptOss,
  graniteHybrid,
  internLm3,
  lfm2,
  lfm2Moe,
  nemotronH,
  llama,
  llama4Text,
  mimo,
  mixtral,
  phi3,
  phimoe,
  qwen2,
  qwen3,
  qwen3Moe,
  seedOss,
  youtuLlm,
]
const familyOf = (modelType: unknown): Family | undefined =>
  families.find((candidate) => candidate.modelTypes.includes(modelType as string))

type Config = Readonly<Record<string, unknown>>

/** Every `model_type` that the engine runs. */
export const knownDecoderTypes: readonly string[] = [
  ...new Set([...families.flatMap((family) => family.modelTypes), ...Object.keys(WRAPPED_TEXTS)]),
].sort()

/**
 * @param config - the contents of config.json
 * @param described - families beyond the built-in ones, which precede them
 * @param otherTypes - further types that an error lists
 * @throws NativeError `model-unsupported` with a list of the known types; `model-damaged` if the config lacks keys that its family needs
 */
export function describeDecoder(
  config: unknown,
  configPath: string,
  described: readonly DescribedFamily[] = [],
  otherTypes: readonly string[] = [],
): DecoderDescription {
  const { model_type: modelType } = z
    .object({ model_type: z.string().catch('(none)') })
    .catch({ model_type: '(none)' })
    .parse(config)
  const wrappedText = Object.hasOwn(WRAPPED_TEXTS, modelType) ? WRAPPED_TEXTS[modelType] : undefined
  if (wrappedText !== undefined) return describeWrapped(modelType, wrappedText, config as Config, configPath)
  const family = familyOf(modelType)
  const likeKnown = family ? undefined : findFamily(described, modelType)
  if (likeKnown) return describeLikeKnown(likeKnown, config as Config, configPath)
  if (!family) {
    const knownModelTypes = [...new Set([...knownDecoderTypes, ...otherTypes])].sort()
    throw new NativeError(
      'model-unsupported',
      `Models of the type ${modelType} are not supported. Known types: ${knownModelTypes.join(', ')}.`,
      {
        modelType,
        knownModelTypes,
      },
    )
  }
  return describeFamily(family, modelType, config as Config, configPath)
}

/** Describes a model that has the parts of a built-in family under other names. */
function describeLikeKnown(described: DescribedFamily, config: Config, configPath: string): DecoderDescription {
  const family = familyOf(described.like)
  if (!family)
    throw new NativeError(
      'model-unsupported',
      `The description of ${described.modelType} names the family ${described.like}, which this version of exo cannot build on.`,
      { modelType: described.modelType, like: described.like },
    )
  const decoder = describeFamily(family, described.like, asKnownConfig(described, config), configPath)
  return { ...changeDecoder(decoder, described.decoder), modelType: described.modelType }
}

/** Describes the text model inside a multimodal model. */
function describeWrapped(modelType: string, textType: string, config: Config, configPath: string): DecoderDescription {
  const text = textConfigOf(config)
  const stated = text === config ? undefined : text['model_type']
  const family = familyOf(isOwnTextType(modelType, stated) ? textType : stated)
  if (!family) {
    throw new NativeError(
      'model-unsupported',
      `config.json: ${modelType} models with a text_config of the model_type ${String(stated)} are not supported.`,
      { modelType, textType: stated },
    )
  }
  const inherited = config['tie_word_embeddings'] === undefined ? {} : { tie_word_embeddings: config['tie_word_embeddings'] }
  const description = describeFamily(family, modelType, { ...inherited, ...text, model_type: family.modelTypes[0] }, configPath)
  return { ...description, modelType, places: WRAPPED_PLACES }
}

function describeFamily(family: Family, modelType: string, config: Config, configPath: string): DecoderDescription {
  const cleaned = cleanModelConfig(config)
  refuseLargeSizes(cleaned, configPath)
  const parsed = family.schema.safeParse(cleaned)
  if (!parsed.success) throw new NativeError('model-damaged', `${configPath}: ${z.prettifyError(parsed.error)}`, { file: configPath })
  const text = cleaned['text_config']
  refuseOtherMeaning(modelType, typeof text === 'object' && text !== null ? { ...cleaned, ...text } : cleaned, family.reads)
  const description = family.describe(parsed.data)
  refuseMoreThanAll(description, configPath)
  return description
}

function refuseMoreThanAll({ feedForward }: DecoderDescription, configPath: string): void {
  for (const { experts } of feedForward)
    if (experts && experts.router.chosen > experts.count)
      throw new NativeError(
        'model-damaged',
        `${configPath}: the number of experts per token (${experts.router.chosen}) exceeds the number of experts (${experts.count}).`,
        { file: configPath },
      )
}
