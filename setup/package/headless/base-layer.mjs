import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { SetupError } from '../../setup-error.mjs'
import { toolFor } from '../targets.mjs'

const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt'

/** Folders in which the program writes, as whichever user the image runs. */
export const OPEN_FOLDERS = ['data', 'models', 'tmp']

/**
 * The files of this system that a staged program needs: the loader, the C and C++ libraries, and certificates. An image with them needs
 * no distribution below it.
 *
 * @param {string} staged
 * @param {string} folder - is replaced: the root of the image
 * @param {'linux-x64' | 'linux-arm64'} target
 */
export function stageBaseLayer(staged, folder, target) {
  rmSync(folder, { recursive: true, force: true })
  for (const { file, place } of librariesOf(programsIn(staged), target)) {
    mkdirSync(join(folder, dirname(place)), { recursive: true })
    copyFileSync(realpathSync(file), join(folder, place))
    chmodSync(join(folder, place), 0o755)
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

/** Where the libraries of a system are: those of Debian's cross-compiler stand for the ones of an arm64 machine. */
const LIBRARY_FOLDERS = {
  'linux-x64': ['/lib/x86_64-linux-gnu', '/usr/lib/x86_64-linux-gnu', '/lib64', '/usr/lib64', '/usr/lib'],
  'linux-arm64': ['/lib/aarch64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/aarch64-linux-gnu/lib', '/lib64', '/usr/lib64', '/usr/lib'],
}
/** The path at which every program looks for its loader. */
const LOADERS = { 'linux-x64': 'lib64/ld-linux-x86-64.so.2', 'linux-arm64': 'lib/ld-linux-aarch64.so.1' }

/**
 * The libraries of the system that programs load, also through one another, each with its place in an image. Loaders of all systems
 * look in `/usr/lib`.
 *
 * @param {readonly string[]} programs
 * @param {'linux-x64' | 'linux-arm64'} target
 * @returns {{ file: string, place: string }[]}
 * @throws SetupError if this machine lacks one
 */
function librariesOf(programs, target) {
  const own = new Set(programs.map((program) => basename(program)))
  /** @type {Map<string, string>} */
  const found = new Map()
  const waiting = [...programs]
  for (let program = waiting.pop(); program !== undefined; program = waiting.pop()) {
    const dynamic = execFileSync(toolFor('readelf', target), ['-d', program], { encoding: 'utf8' })
    for (const [, name = ''] of dynamic.matchAll(/\(NEEDED\).*\[(.+)\]/g)) {
      if (own.has(name) || found.has(name)) continue
      const folder = LIBRARY_FOLDERS[target].find((each) => existsSync(join(each, name)))
      if (folder === undefined) throw new SetupError(`${basename(program)} needs ${name}, which is not on this machine.`)
      found.set(name, join(folder, name))
      waiting.push(join(folder, name))
    }
  }
  const loader = basename(LOADERS[target])
  return [...found].sort().map(([name, file]) => ({ file, place: name === loader ? LOADERS[target] : join('usr', 'lib', name) }))
}
