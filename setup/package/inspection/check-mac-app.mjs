import { createHash } from 'node:crypto'
import { closeSync, existsSync, lstatSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs'
import { Buffer } from 'node:buffer'
import { basename, dirname, join, relative } from 'node:path'
import { readMachO } from '../../../native/cross/read-mach-o.mjs'
import { readFuses } from '../../electron/fuses.mjs'
import { APP_ID, infoPlistAdditions, MINIMUM_MACOS, packageFuses } from '../builder-config.mjs'
import { COMPILES, LOADS_OTHERS } from '../entitlements.mjs'
import { checkMacEngine } from './check-mac-engine.mjs'
import { check } from './check.mjs'
import { readHead } from '../read-head.mjs'
import { packageTargets } from '../targets.mjs'
import { NOTICES_FILE } from '../third-party-notices.mjs'
import { filesBelow } from '../tree-hash.mjs'

const MACH_O_MAGIC = 0xfeedfacf
const SYSTEM_LIBRARY = /^\/(usr\/lib|System\/Library)\//
const HELPERS = ['exo Helper', 'exo Helper (GPU)', 'exo Helper (Plugin)', 'exo Helper (Renderer)']
/** The only program that loads libraries signed by others. */
const LOADER = 'exo Helper (Plugin)'

/**
 * Checks an app for macOS as far as this is possible without macOS.
 *
 * @param {string} app - `exo.app`
 * @param {Record<string, any>} plist - its Info.plist
 * @param {(file: string) => string[]} requested - the entitlements with which a part of the app is signed for a release
 * @returns {import('./check.mjs').Check[]}
 */
export function checkMacApp(app, plist, requested) {
  const contents = join(app, 'Contents')
  const resources = join(contents, 'Resources')
  return [
    ...checkPlist(plist),
    check('each process has exactly the entitlements that it needs', excessOf(app, requested)),
    check(
      'the fuses are hardened',
      wrongFuses(join(contents, 'Frameworks', 'Electron Framework.framework', 'Versions', 'A', 'Electron Framework')),
    ),
    check(
      'the archive has the hash in Info.plist',
      [asarProblem(join(resources, 'app.asar'), plist)].filter((problem) => problem !== null),
    ),
    check(
      "Electron's default app is removed",
      ['default_app.asar'].filter((name) => existsSync(join(resources, name))),
    ),
    check('the default model and DuckLake are included', [
      ...wrongFile(join(resources, 'models'), '.gguf', Buffer.from('GGUF')),
      ...wrongFile(join(resources, 'ducklake'), '.duckdb_extension', null),
    ]),
    check(
      'the licenses of others are included',
      [NOTICES_FILE].filter((name) => !existsSync(join(resources, name))),
    ),
    check(
      'all helpers are included',
      HELPERS.filter((name) => !existsSync(join(contents, 'Frameworks', `${name}.app`, 'Contents', 'MacOS', name))),
    ),
    check(
      'every program and library is for arm64 and finds its libraries',
      filesBelow(app)
        .filter(isMachO)
        .flatMap((file) => machOProblems(file, app)),
    ),
    ...packageTargets['darwin-arm64'].mlxBuilds.flatMap((mlxBuild) => checkMacEngine(join(resources, 'native', mlxBuild), mlxBuild)),
  ]
}

/**
 * @param {string} folder - must contain exactly one file
 * @param {string} extension
 * @param {Buffer | null} magic - first bytes of the file
 * @returns {string[]}
 */
function wrongFile(folder, extension, magic) {
  const names = existsSync(folder) ? readdirSync(folder) : []
  const [name = ''] = names
  if (names.length !== 1 || !name.endsWith(extension)) return [`${basename(folder)} contains ${names.join(', ') || 'nothing'}`]
  const head = readHead(join(folder, name), 4)
  return magic === null || head.equals(magic) ? [] : [`${name} starts with ${head.toString('hex')}`]
}

/** @param {Record<string, any>} plist */
function checkPlist(plist) {
  const expected = {
    CFBundleIdentifier: APP_ID,
    CFBundleName: 'exo',
    CFBundleExecutable: 'exo',
    LSMinimumSystemVersion: MINIMUM_MACOS,
    ...infoPlistAdditions,
  }
  return Object.entries(expected).map(([key, value]) =>
    check(
      `Info.plist: ${key}`,
      JSON.stringify(plist[key]) === JSON.stringify(value) ? [] : [`${JSON.stringify(plist[key])}, not ${JSON.stringify(value)}`],
    ),
  )
}

/**
 * @param {string} app
 * @param {(file: string) => string[]} requested
 * @returns {string[]}
 */
function excessOf(app, requested) {
  const bundles = [app, ...HELPERS.map((name) => join(app, 'Contents', 'Frameworks', `${name}.app`))]
  const programs = bundles.flatMap((bundle) => [bundle, join(bundle, 'Contents', 'MacOS', basename(bundle, '.app'))])
  const others = filesBelow(app).filter((file) => isMachO(file) && !programs.includes(file))
  const isAs = (/** @type {string} */ file, /** @type {string[]} */ needed) =>
    JSON.stringify(requested(file).toSorted()) === JSON.stringify(needed.toSorted())
  const needs = (/** @type {string} */ file) => (basename(file, '.app') === LOADER ? [COMPILES, LOADS_OTHERS] : [COMPILES])
  return [...programs.filter((file) => !isAs(file, needs(file))), ...others.filter((file) => !isAs(file, []))].map(
    (file) => `${relative(dirname(app), file)} requests ${requested(file).join(', ') || 'nothing'}`,
  )
}

/** @param {string} framework */
function wrongFuses(framework) {
  const fuses = readFuses(framework)
  return Object.entries(packageFuses(false)).flatMap(([name, isOn]) =>
    fuses[/** @type {keyof typeof fuses} */ (name)] === isOn ? [] : [`${name} is ${!isOn}`],
  )
}

/**
 * @param {string} archive
 * @param {Record<string, any>} plist
 */
function asarProblem(archive, plist) {
  const head = Buffer.alloc(16)
  const file = openSync(archive, 'r')
  try {
    readSync(file, head, 0, head.length, 0)
    const header = Buffer.alloc(head.readUInt32LE(12))
    readSync(file, header, 0, header.length, head.length)
    const hash = createHash('sha256').update(header).digest('hex')
    const named = plist.ElectronAsarIntegrity?.['Resources/app.asar']
    return named?.algorithm === 'SHA256' && named.hash === hash ? null : `${hash}, not ${named?.hash}`
  } finally {
    closeSync(file)
  }
}

/**
 * @param {string} file
 * @param {string} app
 */
function machOProblems(file, app) {
  const image = readMachO(readFileSync(file))
  const where = relative(app, file)
  const lost = image.libraries.filter((library) => !SYSTEM_LIBRARY.test(library) && !isFound(library, file, image.rpaths, app))
  const isPinnedToMachine = image.rpaths.filter((rpath) => !rpath.startsWith('@') && !SYSTEM_LIBRARY.test(`${rpath}/`))
  return [
    ...(image.architecture === 'arm64' ? [] : [`${where} is for ${image.architecture}`]),
    ...lost.map((library) => `${where} does not find ${library}`),
    ...isPinnedToMachine.map((rpath) => `${where} has the rpath ${rpath}`),
  ]
}

/**
 * Resolves a library's name as the loader does. The loader also searches the rpaths of the image that loads the library, so
 * a library in the same folder counts as found.
 *
 * @param {string} library
 * @param {string} file
 * @param {readonly string[]} rpaths
 * @param {string} app
 */
function isFound(library, file, rpaths, app) {
  const executables = [join(app, 'Contents', 'MacOS'), dirname(file)]
  const expand = (/** @type {string} */ path) =>
    path.startsWith('@executable_path')
      ? executables.map((folder) => join(folder, path.slice('@executable_path'.length)))
      : [join(dirname(file), path.replace(/^@loader_path/, ''))]
  const places = library.startsWith('@rpath')
    ? [
        ...rpaths.flatMap(expand).map((folder) => join(folder, library.slice('@rpath'.length))),
        join(dirname(file), basename(library)),
        join(app, 'Contents', 'Frameworks', library.slice('@rpath/'.length)),
      ]
    : expand(library)
  return places.some((place) => existsSync(place))
}

/** @param {string} file */
function isMachO(file) {
  if (!lstatSync(file).isFile()) return false
  return readHead(file, 4).readUInt32LE(0) === MACH_O_MAGIC
}
