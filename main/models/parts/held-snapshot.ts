import { readdir, readlink, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { findSnapshot } from '../files/hub-cache.ts'
import { HubFile } from '../../shared/wire/peer/model-file-request.ts'
import type { HeldParts } from '../peer-copy/serve-parts.ts'

/** A complete model in the cache, as parts that other nodes can copy; null if that commit is not there. */
export async function heldSnapshot(cacheDir: string, modelId: string, commit: string): Promise<HeldParts | null> {
  const snapshotDir = await findSnapshot(cacheDir, modelId, commit)
  if (snapshotDir === null) return null
  const files: HubFile[] = []
  for (const path of await readdir(snapshotDir)) {
    // The name of the blob is its checksum. Without it the file cannot be identified.
    const link = await readlink(join(snapshotDir, path)).catch(() => null)
    const file = HubFile.safeParse({ path, sizeBytes: (await stat(join(snapshotDir, path))).size, etag: basename(link ?? '') })
    if (file.success) files.push(file.data)
  }
  const present = Object.fromEntries(files.map(({ path, sizeBytes }) => [path, [{ start: 0, end: sizeBytes }]]))
  return { commit, files, present, isFetching: false, pathOf: (path) => join(snapshotDir, path) }
}
