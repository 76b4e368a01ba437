import { DEFAULT_MODEL_ID, importDefaultModel } from '../models/store/import-default-model.ts'
import { ownName } from '../shared/models/own-name.ts'
import { openStore, readBuiltInCards } from './open-store.ts'
import { installedFiles } from './process-host.ts'

/**
 * Imports the embedded model into a data folder if one of `names` means it. A data folder has no such model until a node has been
 * started with it.
 */
export async function importEmbeddedModel(
  names: readonly string[],
  dataDir: string,
  onProgress: (doneBytes: number, totalBytes: number) => void,
): Promise<void> {
  const card = (await readBuiltInCards()).find(({ modelId }) => modelId === DEFAULT_MODEL_ID)
  const own = [DEFAULT_MODEL_ID, ...(card?.aliases ?? [])].map((name) => name.toLowerCase())
  if (!names.some((name) => [name, ownName(name)].some((each) => own.includes(each.toLowerCase())))) return
  await importDefaultModel(await openStore(dataDir), installedFiles().defaultModelFile, { onProgress })
}
