import { mkdtemp, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** Deletes the folder of a model. It is renamed first, so that a half-deleted folder is never mistaken for a complete one. */
export async function removeFolder(dir: string): Promise<void> {
  const doomedDir = await mkdtemp(join(dirname(dir), '.removed-'))
  await rename(dir, join(doomedDir, basename(dir)))
  await rm(doomedDir, { recursive: true, force: true })
}
