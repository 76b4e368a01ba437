import { mkdir, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** The layout of a node's history folder. */
export interface HistoryFolder {
  readonly dir: string
  /** The DuckLake catalog: a DuckDB file. */
  readonly catalogFile: string
  /** Parquet files; ends with a slash, as DuckLake stores it. */
  readonly dataDir: string
  readonly journalDir: string
  /** Its modification time is that of the last compaction. */
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

/** Creates the folders, readable only by their owner. */
export async function makeHistoryFolder(folder: HistoryFolder): Promise<void> {
  for (const dir of [folder.dir, folder.dataDir, folder.journalDir]) await mkdir(dir, { recursive: true, mode: 0o700 })
}

/** A journal file that is still being written carries the id of its process. */
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
 * Journal files left behind by killed processes.
 *
 * @param isGone - whether the process with that id no longer writes
 */
export async function abandonedJournals(
  folder: HistoryFolder,
  isGone: (processId: number) => boolean,
): Promise<{ readonly name: string; readonly segment: string }[]> {
  return (await readdir(folder.journalDir)).flatMap((name) => {
    const [, segment, processId] = OPEN.exec(name) ?? []
    return segment === undefined || !isGone(Number(processId)) ? [] : [{ name, segment }]
  })
}

/** The size of the journal files that are not in the catalog yet. */
export async function journalBytes(folder: HistoryFolder): Promise<number> {
  const sizes = await Promise.all((await sealedJournalFiles(folder)).map(async (file) => (await stat(file)).size))
  return sizes.reduce((total, size) => total + size, 0)
}
