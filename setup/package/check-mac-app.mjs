import { createHash } from 'node:crypto'
import { closeSync, existsSync, lstatSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs'
import { Buffer } from 'node:buffer'
import { basename, dirname, join, relative } from 'node:path'
import { checkAddon } from '../../native/cross/check-mach-o.mjs'
import { readMachO } from '../../native/cross/read-mach-o.mjs'
import { readFuses } from '../electron/fuses.mjs'
import { APP_ID, infoPlistAdditions, MINIMUM_MACOS, packageFuses } from './builder-config.mjs'
import { packageTargets } from './targets.mjs'

/** @typedef {{ name: string, problem: string | null }} Check - `problem` null: it holds */

const MACH_O_MAGIC = 0xfeedfacf
const SYSTEM_LIBRARY = /^\/(usr\/lib|System\/Library)\//
const ADDON_RPATHS = ['@loader_path', '@loader_path/mlx/lib']

/**
 * Everything about an app for macOS that can be told without macOS.
 *
 * @param {string} app - `exo.app`
 * @param {Record<string, any>} plist - its Info.plist
 * @param {Record<string, any>} entitlements - those that it is signed with for release
 * @returns {Check[]}
 */
export function checkMacApp(app, plist, entitlements) {
  const contents = join(app, 'Contents')
  const resources = join(contents, 'Resources')
  return [
    ...checkPlist(plist),
    check('the entitlements let V8 compile and MLX load', ['allow-jit', 'allow-unsigned-executable-memory', 'disable-library-validation'].filter((name) => entitlements[`com.apple.security.cs.${name}`] !== true)),
    check('the fuses are as hardening asks', wrongFuses(join(contents, 'Frameworks', 'Electron Framework.framework', 'Versions', 'A', 'Electron Framework'))),
    check('the archive has the hash that Info.plist names', [asarProblem(join(resources, 'app.asar'), plist)].filter((problem) => problem !== null)),
    check('nothing of the development Electron is left', ['default_app.asar'].filter((name) => existsSync(join(resources, name)))),
    check('the default model and DuckLake are in it', ['models', 'ducklake'].filter((name) => !existsSync(join(resources, name)) || readdirSync(join(resources, name)).length !== 1)),
    check('every program and library is for arm64 and finds what it loads', filesBelow(app).filter(isMachO).flatMap((file) => machOProblems(file, app))),
    ...packageTargets['darwin-arm64'].mlxBuilds.flatMap((mlxBuild) => checkEngine(join(resources, 'native', mlxBuild), mlxBuild)),
  ]
}

/** @param {Record<string, any>} plist */
function checkPlist(plist) {
  const expected = { CFBundleIdentifier: APP_ID, CFBundleName: 'exo', CFBundleExecutable: 'exo', LSMinimumSystemVersion: MINIMUM_MACOS, ...infoPlistAdditions }
  return Object.entries(expected).map(([key, value]) => check(`Info.plist: ${key}`, JSON.stringify(plist[key]) === JSON.stringify(value) ? [] : [`${JSON.stringify(plist[key])}, not ${JSON.stringify(value)}`]))
}

/** @param {string} framework */
function wrongFuses(framework) {
  const fuses = readFuses(framework)
  return Object.entries(packageFuses(false)).flatMap(([name, isOn]) => (fuses[/** @type {keyof typeof fuses} */ (name)] === isOn ? [] : [`${name} is ${!isOn}`]))
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
    ...isPinnedToMachine.map((rpath) => `${where} looks in ${rpath}`),
  ]
}

/**
 * Follows a library's name as the loader does. A library may be found by the rpaths of whatever loads it, so for those
 * beside one another it is enough that one lies there.
 *
 * @param {string} library
 * @param {string} file
 * @param {readonly string[]} rpaths
 * @param {string} app
 */
function isFound(library, file, rpaths, app) {
  const executables = [join(app, 'Contents', 'MacOS'), dirname(file)]
  const expand = (/** @type {string} */ path) =>
    path.startsWith('@executable_path') ? executables.map((folder) => join(folder, path.slice('@executable_path'.length))) : [join(dirname(file), path.replace(/^@loader_path/, ''))]
  const places = library.startsWith('@rpath')
    ? [...rpaths.flatMap(expand).map((folder) => join(folder, library.slice('@rpath'.length))), join(dirname(file), basename(library)), join(app, 'Contents', 'Frameworks', library.slice('@rpath/'.length))]
    : expand(library)
  return places.some((place) => existsSync(place))
}

/**
 * @param {string} folder
 * @param {string} mlxBuild
 */
function checkEngine(folder, mlxBuild) {
  const needed = ['exo_engine.node', 'mlx/lib/libmlx.dylib', 'mlx/lib/mlx.metallib', 'mlx/lib/libjaccl.dylib']
  const missing = needed.filter((name) => !existsSync(join(folder, name)))
  const inPlace = check(`${mlxBuild}: the engine, MLX and its kernels are in place`, missing)
  if (missing.length > 0) return [inPlace]
  const image = (/** @type {string} */ name) => readMachO(readFileSync(join(folder, name)))
  const checks = checkAddon(image('exo_engine.node'), image('mlx/lib/libmlx.dylib'), { deploymentTarget: MINIMUM_MACOS, rpaths: ADDON_RPATHS })
  return [inPlace, ...checks.map(({ name, problem }) => ({ name: `${mlxBuild}: the engine ${name}`, problem }))]
}

/**
 * Names and contents of all that a folder holds, as one hash.
 *
 * @param {string} folder
 */
export function treeHash(folder) {
  const hash = createHash('sha256')
  for (const path of filesBelow(folder).sort()) {
    const isLink = lstatSync(path).isSymbolicLink()
    hash.update(`${relative(folder, path)}\0${isLink ? `-> ${readlinkSync(path)}` : ''}\0`)
    if (!isLink) hash.update(createHash('sha256').update(readFileSync(path)).digest())
  }
  return hash.digest('hex')
}

/** Files and links, not what links lead to. @param {string} folder @returns {string[]} */
function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? filesBelow(join(folder, entry.name)) : [join(folder, entry.name)]))
}

/** @param {string} file */
function isMachO(file) {
  if (!lstatSync(file).isFile()) return false
  const head = Buffer.alloc(4)
  const opened = openSync(file, 'r')
  readSync(opened, head, 0, 4, 0)
  closeSync(opened)
  return head.readUInt32LE(0) === MACH_O_MAGIC
}

/**
 * @param {string} name
 * @param {readonly string[]} problems
 * @returns {Check}
 */
function check(name, problems) {
  return { name, problem: problems.length === 0 ? null : problems.slice(0, 5).join('; ') }
}
