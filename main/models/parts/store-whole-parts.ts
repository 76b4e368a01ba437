import { copyFile, link, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../platform/clock.ts'
import { withLock } from '../hub/download-lock.ts'
import type { HubClient } from '../hub/hub-client.ts'
import { mainAtHub } from '../hub/main-at-hub.ts'
import { type CommitOrigin, hubRepo, linkBlobs, writeRefOf } from '../files/hub-cache.ts'
import { neededFiles } from '../files/needed-files.ts'
import type { PartFolder } from '../files/part-folder.ts'

interface StoreOptions {
  readonly origin: CommitOrigin
  readonly client: Pick<HubClient, 'commitOf'>
  readonly clock: Clock
  readonly signal: AbortSignal
}

/**
 * Moves the files of a folder that is now complete and verified into the hub's cache, where other programs find them.
 *
 * @returns the snapshot's folder
 */
export async function storeWholeParts(
  folder: PartFolder,
  cacheDir: string,
  { origin, client, clock, signal }: StoreOptions,
): Promise<string> {
  const { modelId, commit, files } = folder.manifest
  const repo = hubRepo(cacheDir, modelId)
  const whole = neededFiles(files, new Set(files.map(({ path }) => path).filter((path) => path.endsWith('.safetensors')))).filter(
    ({ path }) => folder.isWhole(path),
  )
  const move = async (): Promise<void> => {
    const created = await mkdir(repo.blobsDir, { recursive: true })
    if (created !== undefined && created !== repo.blobsDir) await writeFile(repo.ownMark, '')
    for (const { path, etag } of whole) await giveFile(folder.pathOf(path), repo.blob(etag))
    await linkBlobs(repo, commit, whole)
    await writeRefOf(repo, commit, origin, () => mainAtHub(client, modelId, clock, signal))
  }
  await withLock(join(repo.locksDir, 'exo-distributed.lock'), move, { clock, signal, onWait: async () => undefined })
  await rm(folder.dir, { recursive: true, force: true })
  return repo.snapshot(commit)
}

/**
 * The file exists in both places until its folder is removed, because other nodes may be reading it. On another disk,
 * or on one without hard links, it is copied.
 */
async function giveFile(from: string, to: string): Promise<void> {
  if (await stat(to).catch(() => null)) return
  try {
    await link(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return
    const temporary = `${to}.${process.pid}.copy`
    await copyFile(from, temporary)
    await rename(temporary, to)
  }
}
