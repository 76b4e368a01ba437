import { mkdir, readdir, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** What lies where below a node's history folder. */
export interface HistoryFolder {
  readonly dir: string
  /** The DuckLake catalog: a DuckDB file. */
  readonly catalogFile: string
  /** Parquet files; ends with a slash, as DuckLake stores it. */
  readonly dataDir: string
  readonly journalDir: string
  /** Its time of change is when the lake was last compacted. */
  readonly maintainedFile: string
}

export function historyFolder(dir: string): HistoryFolder {
  return {
    dir,
    catalogFile: join(dir, 'catalog.ducklake'),
    dataDir: `${join(dir, 'data')}/`,
    journalDir: join(dir, 'journal'),
    maintainedFile: join(dir, 'maintained'),
  }
}

/** Makes the folders, readable by their owner only. */
export async function makeHistoryFolder(folder: HistoryFolder): Promise<void> {
  for (const dir of [folder.dir, folder.dataDir, folder.journalDir]) await mkdir(dir, { recursive: true, mode: 0o700 })
}

/** A journal file that a process still writes is named after that process. */
const OPEN = /^(.+)\.(\d+)\.open$/
const SEALED = '.jsonl'

export const openJournalName = (segment: string, processId: number): string => `${segment}.${processId}.open`
export const sealedJournalName = (segment: string): string => `${segment}${SEALED}`

/** Journal files that are complete, oldest first. */
export async function sealedJournalFiles(folder: HistoryFolder): Promise<string[]> {
  return (await readdir(folder.journalDir))
    .filter((name) => name.endsWith(SEALED))
    .sort()
    .map((name) => join(folder.journalDir, name))
}

/**
 * Seals the journal files that processes left behind when they were killed.
 *
 * @param isGone - whether the process of that id writes no more
 */
export async function sealLeftovers(folder: HistoryFolder, isGone: (processId: number) => boolean): Promise<void> {
  for (const name of await readdir(folder.journalDir)) {
    const [, segment, processId] = OPEN.exec(name) ?? []
    if (segment === undefined || !isGone(Number(processId))) continue
    await rename(join(folder.journalDir, name), join(folder.journalDir, sealedJournalName(segment)))
  }
}

/** The journal files that are not in the catalog yet. */
export async function journalBytes(folder: HistoryFolder): Promise<number> {
  const sizes = await Promise.all((await sealedJournalFiles(folder)).map(async (file) => (await stat(file)).size))
  return sizes.reduce((total, size) => total + size, 0)
}
