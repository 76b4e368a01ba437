import { join } from 'node:path'

/** The extension is signed for one version of DuckDB: that of `@duckdb/node-api`. */
const DUCKDB_VERSION = '1.5.5'

/**
 * Where set-up leaves the extension.
 *
 * @param target - platform and architecture as Node names them: `linux-x64`
 */
export function ducklakeExtensionFile(cacheDir: string, target: string): string {
  return join(cacheDir, `ducklake-${DUCKDB_VERSION}-${target}`, 'ducklake.duckdb_extension')
}
