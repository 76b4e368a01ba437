import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { randomSafetensors } from '../../main/shared/models/random-safetensors.ts'
import type { DecoderDescription } from '../family/family.ts'
import { NativeError } from '../native-error.ts'
import { planDecoder } from '../plan/plan-decoder.ts'
import { InventedCatalog } from './invented-catalog.ts'

const MOST_LAYERS = 32

/**
 * Writes the weights of a tiny model, the same for the same seed, into the folder of its config.json.
 * @throws NativeError `model-unsupported` if it is not tiny, and the errors of `planDecoder`
 */
export async function writeRandomWeights(modelDir: string, description: DecoderDescription, seed: number): Promise<void> {
  const { layers } = description
  if (layers > MOST_LAYERS)
    throw new NativeError('model-unsupported', `The tiny model of a check has ${layers} layers; at most ${MOST_LAYERS} are allowed.`)
  const catalog = new InventedCatalog()
  planDecoder(description, catalog, { strategy: 'pipeline', rank: 0, worldSize: 1, layers: { start: 0, end: layers }, dequantize: false })
  await writeFile(join(modelDir, 'model.safetensors'), randomSafetensors(catalog.tensors(), seed))
}
