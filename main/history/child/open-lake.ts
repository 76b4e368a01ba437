import { existsSync } from 'node:fs'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { AppError, errorMessage } from '../../shared/app-error.ts'
import type { HistoryFolder } from '../history-folder.ts'
import { createTableSql, TABLES } from '../lake-tables.ts'
import { quote } from './quote.ts'

/** Batches of up to so many rows stay in the catalog until they are compacted, instead of a file each. */
const INLINED_ROWS = 500

/** An open catalog, `lake`. DuckDB locks the file: one writer, or readers only. */
export interface Lake {
  readonly connection: DuckDBConnection
  close(): void
}

async function openDuckDb(extensionFile: string): Promise<Lake> {
  const instance = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    threads: '1',
    memory_limit: '256MB',
    // No spilling: an answer that needs more memory is refused.
    temp_directory: '',
  })
  const connection = await instance.connect()
  const close = (): void => {
    connection.closeSync()
    instance.closeSync()
  }
  try {
    await connection.run(`LOAD ${quote(extensionFile)}`)
  } catch (error) {
    close()
    throw new AppError('history-off', `DuckDB cannot load its ducklake extension: ${errorMessage(error)}`, {}, error)
  }
  return { connection, close }
}

async function attach(folder: HistoryFolder, extensionFile: string, options: readonly string[]): Promise<Lake> {
  const lake = await openDuckDb(extensionFile)
  try {
    // The catalog holds the path of its data; the folder may have moved since.
    const settings = [
      ...options,
      `DATA_PATH ${quote(folder.dataDir)}`,
      ...(existsSync(folder.catalogFile) ? ['OVERRIDE_DATA_PATH true'] : []),
    ]
    await lake.connection.run(`ATTACH ${quote(`ducklake:${folder.catalogFile}`)} AS lake (${settings.join(', ')})`)
    await lake.connection.run('USE lake')
    return lake
  } catch (error) {
    lake.close()
    throw error
  }
}

/** Makes the catalog where there is none. Throws what DuckDB throws; see `classifyFailure`. */
export async function openWriter(folder: HistoryFolder, extensionFile: string): Promise<Lake> {
  const lake = await attach(folder, extensionFile, [`DATA_INLINING_ROW_LIMIT ${INLINED_ROWS}`])
  try {
    for (const { name, columns } of TABLES) {
      await lake.connection.run(createTableSql(name, columns))
      await lake.connection.run(`SELECT ${columns.map(([column]) => column).join(', ')} FROM lake.${name} LIMIT 1`)
    }
    await lake.connection.run(
      `UPDATE __ducklake_metadata_lake.ducklake_metadata SET value = ${quote(folder.dataDir)} WHERE key = 'data_path' AND scope IS NULL AND value <> ${quote(folder.dataDir)}`,
    )
    return lake
  } catch (error) {
    lake.close()
    throw error
  }
}

/** For statements of others: the catalog is read only, its data files are the only ones in reach, settings are fixed. */
export async function openReader(folder: HistoryFolder, extensionFile: string): Promise<Lake> {
  const lake = await attach(folder, extensionFile, ['READ_ONLY'])
  try {
    for (const setting of [
      `allowed_directories = [${quote(folder.dataDir)}]`,
      'enable_external_access = false',
      'lock_configuration = true',
    ])
      await lake.connection.run(`SET ${setting}`)
    return lake
  } catch (error) {
    lake.close()
    throw error
  }
}
