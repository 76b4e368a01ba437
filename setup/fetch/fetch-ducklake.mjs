// Downloads DuckDB's ducklake extension into the cache, once. Its version must be exactly that of @duckdb/node-api.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { arch, platform } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { cacheDir } from '../project-paths.mjs'
import { runLogged } from '../run-logged.mjs'

const VERSION = '1.5.5'

/** Per target: pip's platform tag, the sha256 of the wheel, and the sha256 of the extension in it. */
const TARGETS = {
  'linux-x64': {
    platform: 'manylinux2014_x86_64',
    wheel: 'b631ae4dd4bd649b3db35a789dbcc859476fe231ef449b3f03f4fe4e2ef4a946',
    extension: 'e51bf9e8d933d0e83780ae096455501b542cf962569a2ce5613532d702c08302',
  },
  'linux-arm64': {
    platform: 'manylinux2014_aarch64',
    wheel: 'cd8280d3a20c744f7e113137a17a053f751b9cc469a9b694c43e1b8539fd30af',
    extension: 'd0b57c8e261b89a1ae367c7224f0857cfde72ab6cf2609f188e0de9b897b1088',
  },
  'darwin-arm64': {
    platform: 'macosx_11_0_arm64',
    wheel: 'd6a65e39a38bd03270ed54715f5c16f6695954742b74c0c77ed1cfc0eda33f67',
    extension: '1b72fc42164dbf21948e5a912cefc383b24071852f9e70209874ebd0a73b7caa',
  },
}

const hostTarget = () => `${platform()}-${arch()}`

/**
 * The path of the file, whether or not it exists yet.
 *
 * @param {string} target
 */
export function ducklakeFile(target = hostTarget()) {
  return join(cacheDir, `ducklake-${VERSION}-${target}`, 'ducklake.duckdb_extension')
}

/**
 * Returns at once if the file exists.
 *
 * @param {string} target
 * @returns {Promise<string>} its path
 * @throws Error if there is no extension for this machine, or the download fails
 */
export async function fetchDucklake(target = hostTarget()) {
  const wanted = TARGETS[/** @type {keyof typeof TARGETS} */ (target)]
  if (!wanted) throw new Error(`DuckDB's ducklake extension is not available for ${target}.`)
  const file = ducklakeFile(target)
  if (existsSync(file)) return file
  mkdirSync(join(file, '..'), { recursive: true })
  const scratch = mkdtempSync(join(cacheDir, 'fetching-ducklake-'))
  try {
    const requirements = join(scratch, 'requirements.txt')
    writeFileSync(requirements, `duckdb-extension-ducklake==${VERSION} --hash=sha256:${wanted.wheel}\n`)
    await runLogged('download-ducklake', 'python3', [
      '-m',
      'pip',
      'download',
      '--quiet',
      '--disable-pip-version-check',
      '--no-input',
      '--retries',
      '1',
      '--no-deps',
      '--only-binary=:all:',
      '--require-hashes',
      '--platform',
      wanted.platform,
      '--dest',
      scratch,
      '-r',
      requirements,
    ])
    await runLogged('unpack-ducklake', 'python3', [
      '-m',
      'zipfile',
      '-e',
      join(scratch, `duckdb_extension_ducklake-${VERSION}-py3-none-${wanted.platform}.whl`),
      scratch,
    ])
    const unpacked = join(scratch, 'duckdb_extension_ducklake', 'extensions', `v${VERSION}`, 'ducklake.duckdb_extension')
    if (createHash('sha256').update(readFileSync(unpacked)).digest('hex') !== wanted.extension)
      throw new Error('The ducklake extension does not match its checksum.')
    renameSync(unpacked, file)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
  return file
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  fetchDucklake().then(console.log, (/** @type {Error} */ error) => {
    console.error(error.message)
    process.exitCode = 1
  })
}
