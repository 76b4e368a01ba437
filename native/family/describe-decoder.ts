import { z } from 'zod'
import { cleanModelConfig } from '../../main/shared/clean-model-config.ts'
import { NativeError } from '../native-error.ts'
import { deepseekV3 } from './deepseek-v3.ts'
import type { DecoderDescription, Family } from './family.ts'
import { gemma3, gemma3Text } from './gemma3.ts'
import { glm4Moe } from './glm4-moe.ts'
import { gptOss } from './gpt-oss.ts'
import { llama } from './llama.ts'
import { mixtral } from './mixtral.ts'
import { phi3 } from './phi3.ts'
import { qwen2 } from './qwen2.ts'
import { qwen3 } from './qwen3.ts'
import { qwen3Moe } from './qwen3-moe.ts'
import { refuseOtherMeaning } from './refuse-other-meaning.ts'

const families: readonly Family[] = [deepseekV3, gemma3, gemma3Text, glm4Moe, gptOss, llama, mixtral, phi3, qwen2, qwen3, qwen3Moe]

/** Every `model_type` that the engine runs. */
export const knownModelTypes: readonly string[] = families.flatMap((family) => family.modelTypes).sort()

/**
 * @param config - the content of config.json
 * @throws NativeError `model-unsupported` that lists the known types; `model-damaged` when the config lacks what its family needs
 */
export function describeDecoder(config: unknown, configPath: string): DecoderDescription {
  const { model_type: modelType } = z
    .object({ model_type: z.string().catch('(none)') })
    .catch({ model_type: '(none)' })
    .parse(config)
  const family = families.find((candidate) => candidate.modelTypes.includes(modelType))
  if (!family) {
    throw new NativeError(
      'model-unsupported',
      `Models of the type ${modelType} are not supported. Known types: ${knownModelTypes.join(', ')}.`,
      {
        modelType,
        knownModelTypes,
      },
    )
  }
  const cleaned = cleanModelConfig(config as Readonly<Record<string, unknown>>)
  const parsed = family.schema.safeParse(cleaned)
  if (!parsed.success) throw new NativeError('model-damaged', `${configPath}: ${z.prettifyError(parsed.error)}`, { file: configPath })
  const text = cleaned['text_config']
  refuseOtherMeaning(modelType, typeof text === 'object' && text !== null ? { ...cleaned, ...text } : cleaned)
  return family.describe(parsed.data)
}
