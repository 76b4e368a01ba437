import { existsSync } from 'node:fs'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { AppError, errorMessage } from '../../shared/app-error.ts'
import type { HistoryFolder } from '../history-folder.ts'
import { createTableSql, TABLES } from '../lake-tables.ts'
import { quote } from './quote.ts'

/** Batches of up to this many rows stay in the catalog until they are compacted, instead of each becoming a file. */
const INLINED_ROWS = 500

/** An open catalog, `lake`. DuckDB locks the file for one writer or for readers only. */
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
    // No spilling to disk: a query that needs more memory fails.
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
    // The catalog stores the path of its data, and the folder may have moved.
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

/** Creates the catalog if there is none. Throws DuckDB's errors; see `classifyFailure`. */
export async function openWriter(folder: HistoryFolder, extensionFile: string): Promise<Lake> {
  const lake = await attach(folder, extensionFile, [`DATA_INLINING_ROW_LIMIT ${INLINED_ROWS}`])
  try {
    for (const { name, columns } of TABLES) {
      await lake.connection.run(createTableSql(name, columns))
      await lake.connection.run(`SELECT ${columns.map(([column]) => column).join(', ')} FROM lake.${name} LIMIT 1`)
    }
    await lake.connection.run(
      `UPDATE __ducklake_metadata_lake.ducklake_metadata SET value = ${quote(folder.dataDir)} WHERE key = ` +
        `'data_path' AND scope IS NULL AND value <> ${quote(folder.dataDir)}`,
    )
    return lake
  } catch (error) {
    lake.close()
    throw error
  }
}

/** For statements from clients: the catalog is read-only, only its own data files can be accessed, and settings are locked. */
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
