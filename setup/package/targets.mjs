/**
 * A system for which packages are built.
 *
 * @typedef {object} PackageTarget
 * @property {'mac' | 'linux'} system
 * @property {'arm64' | 'x64'} arch
 * @property {readonly string[]} mlxBuilds - the builds of MLX in the package; the app chooses one at run time
 * @property {string} duckdb - the npm package with DuckDB's library
 */

/** @type {Readonly<Record<'darwin-arm64' | 'linux-x64' | 'linux-arm64', PackageTarget>>} */
export const packageTargets = {
  'darwin-arm64': {
    system: 'mac',
    arch: 'arm64',
    mlxBuilds: ['macos14-arm64', 'macos26-arm64'],
    duckdb: '@duckdb/node-bindings-darwin-arm64',
  },
  'linux-x64': { system: 'linux', arch: 'x64', mlxBuilds: ['linux-x64'], duckdb: '@duckdb/node-bindings-linux-x64' },
  'linux-arm64': { system: 'linux', arch: 'arm64', mlxBuilds: ['linux-arm64'], duckdb: '@duckdb/node-bindings-linux-arm64' },
}

/** @typedef {keyof typeof packageTargets} PackageTargetName */

/**
 * The name of one of the binary tools for a Linux target.
 *
 * @param {'strip' | 'readelf'} tool
 * @param {PackageTargetName} target
 */
export function toolFor(tool, target) {
  const isForeign = target === 'linux-arm64' && process.arch !== 'arm64'
  return isForeign ? `aarch64-linux-gnu-${tool}` : tool
}
