import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { SetupError } from '../../setup-error.mjs'

const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt'

/** Folders in which the program writes, as whichever user the image runs. */
export const OPEN_FOLDERS = ['data', 'models', 'tmp']

/**
 * The files of this system that a staged program needs: the loader, the C and C++ libraries, and certificates. An image with them needs
 * no distribution below it.
 *
 * @param {string} staged
 * @param {string} folder - is replaced: the root of the image
 */
export function stageBaseLayer(staged, folder) {
  rmSync(folder, { recursive: true, force: true })
  for (const library of librariesOf(programsIn(staged))) {
    const place = join(folder, library)
    mkdirSync(dirname(place), { recursive: true })
    copyFileSync(realpathSync(library), place)
    chmodSync(place, 0o755)
  }
  if (!existsSync(CERTIFICATES)) throw new SetupError(`${CERTIFICATES} is missing. Install ca-certificates.`)
  mkdirSync(join(folder, dirname(CERTIFICATES)), { recursive: true })
  copyFileSync(CERTIFICATES, join(folder, CERTIFICATES))
  writeFileSync(join(folder, 'etc', 'passwd'), 'root:x:0:0::/:/sbin/nologin\nexo:x:10001:10001::/data:/sbin/nologin\n')
  writeFileSync(join(folder, 'etc', 'nsswitch.conf'), 'passwd: files\nhosts: files dns\n')
  for (const name of OPEN_FOLDERS) mkdirSync(join(folder, name))
}

/** @param {string} folder @returns {string[]} Node and all native libraries */
function programsIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && (entry.name === 'node' || /\.node$|\.so(\.|$)/.test(entry.name)))
    .map((entry) => join(entry.parentPath, entry.name))
}

/** The libraries of this system that programs load. @param {readonly string[]} programs */
function librariesOf(programs) {
  const found = new Set()
  for (const program of programs) {
    const listed = execFileSync('ldd', [program], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    for (const [, path = ''] of listed.matchAll(/(?:=> |^\s*)(\/(?:usr\/)?lib\S+)/gm)) found.add(path)
  }
  return [...found].sort()
}
