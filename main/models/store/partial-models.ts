import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ModelId } from '../../shared/ids.ts'
import { cachedModelIds, findSnapshot, hubRepo } from '../files/hub-cache.ts'
import { listParts } from '../parts/list-parts.ts'

/** A model that this program has fetched only in part: parts for a shard, or an unfinished download. */
export interface PartialModel {
  readonly modelId: ModelId
  readonly dir: string
  readonly presentBytes: number
}

/** The partial models in this node's data folder and the hub's cache. Files left by other programs are not listed. */
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
