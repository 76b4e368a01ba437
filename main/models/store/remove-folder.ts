import { mkdtemp, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** Deletes a folder of a model. It is renamed first: half of one is never taken for the whole. */
export async function removeFolder(dir: string): Promise<void> {
  const doomedDir = await mkdtemp(join(dirname(dir), '.removed-'))
  await rename(dir, join(doomedDir, basename(dir)))
  await rm(doomedDir, { recursive: true, force: true })
}
