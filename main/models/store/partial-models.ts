import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ModelId } from '../../shared/ids.ts'
import { cachedModelIds, findSnapshot, hubRepo } from '../files/hub-cache.ts'
import { listParts } from '../parts/list-parts.ts'

/** What this program has brought of a model that is not here as a whole: parts of it for a shard, or a download that was not ended. */
export interface PartialModel {
  readonly modelId: ModelId
  readonly dir: string
  readonly presentBytes: number
}

/** Of the node with this data folder and of the hub's cache; what other programs left there is not told. */
export async function listPartialModels(dataDir: string, hubCacheDir: string): Promise<PartialModel[]> {
  const parts = (await listParts(dataDir)).map(({ modelId, dir, presentBytes }) => ({ modelId, dir, presentBytes }))
  const downloads: PartialModel[] = []
  for (const modelId of await cachedModelIds(hubCacheDir)) {
    const { repoDir, blobsDir, ownMark } = hubRepo(hubCacheDir, modelId)
    if (!(await isThere(ownMark)) || (await findSnapshot(hubCacheDir, modelId)) !== null) continue
    const names = await readdir(blobsDir).catch(() => [])
    const sizes = await Promise.all(names.map(async (name) => (await stat(join(blobsDir, name))).size))
    downloads.push({ modelId, dir: repoDir, presentBytes: sizes.reduce((sum, size) => sum + size, 0) })
  }
  return [...parts, ...downloads]
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
