import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../shared/app-error.ts'
import type { ModelId } from '../../shared/ids.ts'
import type { KnownFamily } from '../../shared/models/described-family.ts'
import type { ModelCard } from '../../shared/models/model-card.ts'
import { PART_MARK } from '../files/part-folder.ts'
import { type CatalogueFacts, modelCardOfConfig } from '../catalogue/model-card-of-config.ts'
import { checkWeightFiles, weightFileNames } from '../files/model-weight-files.ts'
import { LONGEST_TEXT_FILE, longestTextOf } from '../files/longest-text.ts'
import { readJsonFile } from '../files/read-json-file.ts'

/** A model that is on this machine and can be loaded. */
export interface ModelFolder {
  readonly modelId: ModelId
  /** Absolute. */
  readonly modelDir: string
  readonly card: ModelCard
  /** The model is in the store or was downloaded by this program, which may therefore delete it. */
  readonly isOurs: boolean
}

/**
 * Reads and checks a model folder: config.json, and the headers and sizes of the weight files.
 *
 * @throws AppError `model-not-found` | `model-damaged` | `model-unsupported`
 */
export async function readModelFolder(
  modelId: ModelId,
  modelDir: string,
  knownFamilies: readonly KnownFamily[],
  facts?: CatalogueFacts,
): Promise<Omit<ModelFolder, 'isOurs'>> {
  const folder = await stat(modelDir).catch((cause: unknown) => {
    throw new AppError('model-not-found', `The model folder ${modelDir} does not exist.`, { modelDir }, cause)
  })
  if (!folder.isDirectory())
    throw new AppError('model-not-found', `${modelDir} is not a folder. Import a GGUF file first: exo models import FILE.gguf`, {
      modelDir,
    })
  if (await stat(join(modelDir, PART_MARK)).catch(() => null))
    throw new AppError('model-damaged', `${modelDir} contains only a part of a model.`, { modelDir })
  const config = await readJsonFile(join(modelDir, 'config.json'))
  if (!config)
    throw new AppError('model-damaged', `${modelDir} has no config.json: it is not a model folder, or is incomplete.`, { modelDir })
  // The family first: an unsupported model need not be complete.
  modelCardOfConfig(modelId, config, 1, knownFamilies)
  const { totalBytes, tensorNames } = await checkWeightFiles(modelDir)
  const longestText = longestTextOf(await readJsonFile(join(modelDir, LONGEST_TEXT_FILE)))
  return { modelId, modelDir, card: modelCardOfConfig(modelId, config, totalBytes, knownFamilies, facts, tensorNames, longestText) }
}

/** Changes when any file that `readModelFolder` checks changes; empty if there is no folder. */
export async function modelFolderFingerprint(modelDir: string): Promise<string> {
  const names = ['config.json', LONGEST_TEXT_FILE, 'model.safetensors.index.json', ...(await weightFileNames(modelDir).catch(() => []))]
  const stats = await Promise.all(names.map((name) => stat(join(modelDir, name)).catch(() => null)))
  return names.map((name, index) => `${name}:${stats[index]?.size}:${stats[index]?.mtimeMs}`).join('\n')
}
