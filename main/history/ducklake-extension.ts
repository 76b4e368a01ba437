import { join } from 'node:path'

/** The extension is signed for a specific version of DuckDB: that of `@duckdb/node-api`. */
const DUCKDB_VERSION = '1.5.5'

/**
 * The path where setup installs the extension.
 *
 * @param target - platform and architecture in Node's terms: `linux-x64`
 */
export function ducklakeExtensionFile(cacheDir: string, target: string): string {
  return join(cacheDir, `ducklake-${DUCKDB_VERSION}-${target}`, 'ducklake.duckdb_extension')
}
