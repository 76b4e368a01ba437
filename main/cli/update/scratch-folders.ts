import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isProcessAlive } from '../../platform/processes/is-process-alive.ts'

/** Older versions named no process. */
const SCRATCH = /^\.update-(?:(\d{1,10})-)?[A-Za-z0-9]{6}$/

/** A new folder in which this process prepares an update. */
export function createScratchFolder(versionsDir: string): Promise<string> {
  return mkdtemp(join(versionsDir, `.update-${process.pid}-`))
}

/** Removes the folders of updates that were killed. Those of running updates stay. */
export async function removeLeftScratchFolders(versionsDir: string): Promise<void> {
  for (const name of await readdir(versionsDir)) {
    const found = SCRATCH.exec(name)
    if (found && !(found[1] && isProcessAlive(Number(found[1])))) await rm(join(versionsDir, name), { recursive: true, force: true })
  }
}
