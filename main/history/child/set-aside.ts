import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { HistoryFolder } from '../history-folder.ts'

/** Number of damaged catalogs that are kept; the oldest is deleted first. */
const KEPT = 3

/**
 * Moves the complete catalog and its data out of the way, so that a new one can be created.
 *
 * @returns a notice for the user
 */
export async function setAside(folder: HistoryFolder, why: string, nowEpochMs: number): Promise<string> {
  const refuge = join(folder.dir, `damaged-${new Date(nowEpochMs).toISOString().replaceAll(/[:.]/g, '-')}`)
  await mkdir(refuge, { recursive: true, mode: 0o700 })
  for (const path of [folder.catalogFile, `${folder.catalogFile}.wal`, folder.dataDir]) {
    if (existsSync(path)) await rename(path, join(refuge, basename(path)))
  }
  await mkdir(folder.dataDir, { recursive: true, mode: 0o700 })
  const refuges = (await readdir(folder.dir)).filter((name) => /^damaged-[\w-]+$/.test(name)).sort()
  for (const oldest of refuges.slice(0, -KEPT)) await rm(join(folder.dir, oldest), { recursive: true, force: true })
  return `The history's catalog could not be used (${why.split('\n')[0]}). It was moved to ${refuge}, and a new one was started.`
}
