import { z } from 'zod'
import { cleanModelConfig } from '../../../main/shared/models/clean-model-config.ts'
import { isEncoderConfig } from '../../../main/shared/models/encoder-config.ts'
import { NativeError } from '../../native-error.ts'
import { bert, xlmRoberta } from './bert.ts'
import type { EncoderDescription } from './encoder-description.ts'
import type { EncoderFamily } from './encoder-family.ts'
import { gemma3Encoder } from './gemma3-encoder.ts'
import { modernBert } from './modernbert.ts'
import { nomicBert } from './nomic-bert.ts'

const families: readonly EncoderFamily[] = [bert, gemma3Encoder, modernBert, nomicBert, xlmRoberta]

/** Every `model_type` of encoders that the engine runs. */
export const knownEncoderTypes: readonly string[] = families.flatMap((family) => family.modelTypes)

/**
 * @param config - the contents of config.json
 * @returns null for a model that is not an encoder
 * @throws NativeError `model-unsupported` | `model-damaged`
 */
export function describeEncoder(config: Readonly<Record<string, unknown>>, configPath: string): EncoderDescription | null {
  if (!isEncoderConfig(config)) return null
  const cleaned = cleanModelConfig(config)
  const family = families.find(({ modelTypes }) => modelTypes.includes(cleaned['model_type'] as string))
  if (!family) return null
  const parsed = family.schema.safeParse(cleaned)
  if (!parsed.success) throw new NativeError('model-damaged', `${configPath}: ${z.prettifyError(parsed.error)}`, { file: configPath })
  const description = family.describe(parsed.data)
  if (!Number.isInteger(description.headDim) || description.headDim % 2 !== 0)
    throw new NativeError('model-damaged', `${configPath}: the hidden size is not an even multiple of the attention heads.`, {
      file: configPath,
    })
  return description
}
