import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../shared/app-error.ts'
import { weightFilesOf } from '../../shared/models/weight-files.ts'
import { checkSafetensors } from './check-safetensors.ts'
import { readJsonFile } from './read-json-file.ts'

const INDEX = 'model.safetensors.index.json'

/**
 * The weight files of a model folder, from its index if it has one.
 *
 * @returns sorted file names; empty if there are none
 * @throws AppError `model-damaged`
 */
export async function weightFileNames(modelDir: string): Promise<string[]> {
  const weightMap = await readWeightMap(modelDir)
  return weightFilesOf(await readdir(modelDir), weightMap && new Set(weightMap.values()))
}

/** Maps each tensor to its file; null without an index. */
async function readWeightMap(modelDir: string): Promise<Map<string, string> | null> {
  const index = await readJsonFile(join(modelDir, INDEX))
  if (!index) return null
  const damaged = (): AppError =>
    new AppError('model-damaged', `${join(modelDir, INDEX)} is not a valid weight index: copy or download the model again.`, { modelDir })
  const weightMap = index['weight_map']
  if (typeof weightMap !== 'object' || weightMap === null) throw damaged()
  return new Map(
    Object.entries(weightMap).map(([tensor, file]) => {
      // A name that contains a path would lead out of the folder.
      if (typeof file !== 'string' || !/^[^/\\]+\.safetensors$/.test(file)) throw damaged()
      return [tensor, file]
    }),
  )
}

/**
 * Checks that all weight files are present and complete.
 *
 * @returns their total size and the tensors that they hold
 * @throws AppError `model-damaged`
 */
export async function checkWeightFiles(
  modelDir: string,
): Promise<{ readonly totalBytes: number; readonly tensorNames: readonly string[] }> {
  const names = await weightFileNames(modelDir)
  if (names.length === 0)
    throw new AppError('model-damaged', `${modelDir} has no weights (model*.safetensors): copy or download the model again.`, {
      modelDir,
    })
  const files = new Map<string, ReadonlySet<string>>()
  let totalBytes = 0
  for (const name of names) {
    const { tensorNames, fileBytes } = await checkSafetensors(join(modelDir, name))
    files.set(name, tensorNames)
    totalBytes += fileBytes
  }
  const tensorNames = [...files.values()].flatMap((names) => [...names])
  const known = new Set(tensorNames)
  // An index that belongs to another upload is ignored, and an index whose tensors only moved between files is
  // harmless: the headers show where each tensor is.
  for (const [tensor, file] of (await readWeightMap(modelDir)) ?? [])
    if (files.has(file) && !known.has(tensor))
      throw new AppError('model-damaged', `The weight file ${file} lacks the tensor ${tensor} that the index assigns to it.`, {
        modelDir,
        file,
        tensor,
      })
  return { totalBytes, tensorNames }
}
