import { rm } from 'node:fs/promises'
import { readRegularText } from '../../platform/files/regular-file.ts'
import { type HistoryFolder, sealedJournalFiles } from '../history-folder.ts'
import { HistoryRecord } from '../history-record.ts'
import { ALL_COLUMNS, TABLES } from '../lake-tables.ts'
import { classifyFailure } from './lake-failure.ts'
import type { Lake } from './open-lake.ts'

const STAGED = `CREATE OR REPLACE TEMP TABLE staged (${ALL_COLUMNS.map(([column, type]) => `${column} ${type}`).join(', ')})`
const STRUCTURE = JSON.stringify([Object.fromEntries(ALL_COLUMNS)])
/** Rows per JSON text. */
const CHUNK_ROWS = 2_000

export interface Ingestion {
  readonly ingestedRows: number
  /** Usually the last line of a file whose writer was killed. */
  readonly unreadableLines: number
}

/**
 * Copies every sealed journal file into both tables, in one transaction per file, and then deletes it. If the process
 * dies in between, the file is read again, and rows whose id is already known are skipped.
 */
export async function ingestJournal(lake: Lake, folder: HistoryFolder): Promise<Ingestion> {
  let ingestedRows = 0
  let unreadableLines = 0
  for (const file of await sealedJournalFiles(folder)) {
    const { records, unreadable } = parseJournal(await readRegularText(file))
    unreadableLines += unreadable
    if (records.length > 0) {
      unreadableLines += await stage(lake, records)
      ingestedRows += await insertStaged(lake)
    }
    await rm(file, { force: true })
  }
  return { ingestedRows, unreadableLines }
}

function parseJournal(text: string): { readonly records: readonly HistoryRecord[]; readonly unreadable: number } {
  const byId = new Map<string, HistoryRecord>()
  let unreadable = 0
  for (const line of text.split('\n')) {
    if (line === '') continue
    const record = parseLine(line)
    if (record) byId.set(record.id, record)
    else unreadable += 1
  }
  return { records: [...byId.values()], unreadable }
}

function parseLine(line: string): HistoryRecord | null {
  try {
    return HistoryRecord.parse(JSON.parse(line))
  } catch {
    return null // counted by the caller
  }
}

/** @returns the number of rows that DuckDB rejects; the catalog is not involved, so they say nothing about its state */
async function stage(lake: Lake, records: readonly HistoryRecord[]): Promise<number> {
  await lake.connection.run(STAGED)
  let refused = 0
  for (let start = 0; start < records.length; start += CHUNK_ROWS)
    refused += await stageRows(lake, records.slice(start, start + CHUNK_ROWS))
  return refused
}

async function stageRows(lake: Lake, rows: readonly HistoryRecord[]): Promise<number> {
  try {
    await lake.connection.run('INSERT INTO temp.staged SELECT unnest(from_json($1, $2), recursive := true)', [
      JSON.stringify(rows),
      STRUCTURE,
    ])
    return 0
  } catch (error) {
    if (classifyFailure(error) !== 'damaged') throw error
    if (rows.length === 1) return 1
    const middle = Math.ceil(rows.length / 2)
    return (await stageRows(lake, rows.slice(0, middle))) + (await stageRows(lake, rows.slice(middle)))
  }
}

async function insertStaged({ connection }: Lake): Promise<number> {
  await connection.run('BEGIN')
  try {
    await connection.run(
      `DELETE FROM temp.staged WHERE id IN (SELECT id FROM lake.exo_inferences
       WHERE id BETWEEN (SELECT min(id) FROM temp.staged) AND (SELECT max(id) FROM temp.staged))`,
    )
    const counted = await connection.runAndReadAll('SELECT count(*)::INTEGER FROM temp.staged')
    const count = Number(counted.getRowsJson()[0]?.[0])
    if (count > 0) {
      for (const { name, columns } of TABLES) {
        await connection.run(`INSERT INTO lake.${name} SELECT ${columns.map(([column]) => column).join(', ')} FROM temp.staged ORDER BY id`)
      }
    }
    await connection.run('COMMIT')
    return count
  } catch (error) {
    // A failed COMMIT has already rolled back: the first error is the one to report.
    await connection.run('ROLLBACK').catch(() => undefined)
    throw error
  }
}
