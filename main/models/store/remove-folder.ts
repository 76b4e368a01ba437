import { lstat, mkdtemp, realpath, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** Marks a folder that this program moved elsewhere, so that it also deletes it there. */
export const MOVED_MARK = '.exo-moved'

/**
 * Deletes the folder of a model. It is renamed first, so that a half-deleted folder is never mistaken for a complete one. Behind a
 * link, the folder is deleted only if this program moved it there.
 */
export async function removeFolder(dir: string): Promise<void> {
  const movedDir = (await lstat(dir)).isSymbolicLink() ? await realpath(dir).catch(() => null) : null
  const isOwn = movedDir !== null && (await stat(join(movedDir, MOVED_MARK)).catch(() => null)) !== null
  const doomedDir = await mkdtemp(join(dirname(dir), '.removed-'))
  await rename(dir, join(doomedDir, basename(dir)))
  await rm(doomedDir, { recursive: true, force: true })
  if (isOwn) await removeFolder(movedDir)
}
