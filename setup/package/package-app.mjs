// Packages the app in build/package/TARGET/: package-app.mjs TARGET [--testable] [--prepackaged] FORMAT ... Runs on Node 24.
// `--prepackaged` builds further formats from the app that `dir` built.
import { createRequire } from 'node:module'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { fetchElectron, isElectronTarget } from '../electron/fetch-electron.mjs'
import { withProgressLine } from '../progress-line.mjs'
import { projectDir } from '../project-paths.mjs'
import { requireTools, tools } from '../tools/require-tools.mjs'
import { SetupError } from '../setup-error.mjs'
import { builderConfig, outputFolder } from './builder-config.mjs'
import { fetchAppImageTools } from './fetch-appimage-tools.mjs'
import { releaseSettings } from './release-settings.mjs'
import { publicPem, signUpdateFeed, updateKey } from './signing/sign-update-feed.mjs'
import { stageApp, stagedFolders } from './stage-app.mjs'
import { packageTargets } from './targets.mjs'

/** @typedef {import('./targets.mjs').PackageTargetName} PackageTargetName */

/**
 * @param {PackageTargetName} target
 * @param {readonly string[]} formats - electron-builder's names: `dir`, `dmg`, `zip`, `AppImage`, `deb`
 * @param {{ isTestable?: boolean, isPrepackaged?: boolean }} options
 * @returns {Promise<string>} the folder with the results
 */
export async function packageApp(target, formats, { isTestable = false, isPrepackaged = false } = {}) {
  const { system, arch } = packageTargets[target]
  const hasOfficialElectron = process.env.EXO_OFFICIAL_ELECTRON === '1' || process.platform === 'darwin' || !isElectronTarget(target)
  dropEmptySecrets()
  const release = releaseSettings(process.env, { system, platform: process.platform, hasOfficialElectron })
  await provideTools(formats, release)
  const signingKey = release.updateFeed === null ? null : updateKey(process.env)
  const staged = isPrepackaged
    ? stagedFolders(target)
    : await withProgressLine(`what goes into the ${target} package`, () => stageApp(target))
  if (signingKey) writeFileSync(join(staged.resources, 'update-key.pem'), publicPem(signingKey))
  const electronDir = hasOfficialElectron
    ? null
    : await fetchElectron(/** @type {import('../electron/fetch-electron.mjs').ElectronTarget} */ (target))
  const { Arch, build, Platform } = /** @type {typeof import('electron-builder')} */ (createRequire(import.meta.url)('electron-builder'))
  const config = builderConfig({ target, staged, electronDir, isTestable, release })
  const output = outputFolder(target, isTestable)
  if (!isPrepackaged) rmSync(output, { recursive: true, force: true })
  const targets = (system === 'mac' ? Platform.MAC : Platform.LINUX).createTarget([...formats], arch === 'arm64' ? Arch.arm64 : Arch.x64)
  await withProgressLine(`${target} package (${formats.join(', ')})`, () =>
    build({
      targets,
      config,
      projectDir: staged.app,
      publish: 'never',
      ...(isPrepackaged ? { prepackaged: unpackedFolder(output, target) } : {}),
    }),
  )
  if (signingKey) signUpdateFeed(output, signingKey)
  for (const notice of release.notices) process.stderr.write(`exo: ${notice}\n`)
  return output
}

/**
 * The folder in which electron-builder lays out the app, from which it builds the other formats.
 *
 * @param {string} output
 * @param {PackageTargetName} target
 */
export function unpackedFolder(output, target) {
  const { system, arch } = packageTargets[target]
  return system === 'mac'
    ? join(output, `mac-${arch}`, 'exo.app')
    : join(output, arch === 'x64' ? 'linux-unpacked' : `linux-${arch}-unpacked`)
}

/** A workflow passes an unset secret as empty text, which the packager takes for the name of a certificate. */
function dropEmptySecrets() {
  for (const [name, value] of Object.entries(process.env)) if (/^(CSC|APPLE)_/.test(name) && value === '') delete process.env[name]
}

/**
 * Replaces the tools that the packager would download with our own and, for inspection packages, with Debian's.
 *
 * @param {readonly string[]} formats
 * @param {import('./release-settings.mjs').ReleaseSettings} release
 */
async function provideTools(formats, { isForRelease }) {
  if (process.platform !== 'linux') return
  const provide = (/** @type {string} */ name, /** @type {string} */ value) => {
    process.env[name] ??= value
  }
  if (formats.includes('dmg')) requireTools([tools.xorriso])
  if (formats.includes('deb')) requireTools([tools.dpkgDeb])
  provide('CUSTOM_DMGBUILD_PATH', join(projectDir, 'setup', 'package', 'inspection', 'make-dmg.mjs'))
  provide('CUSTOM_FPM_PATH', join(projectDir, 'setup', 'package', 'make-deb.mjs'))
  if (isForRelease) return
  if (existsSync('/usr/bin/7zz')) provide('ELECTRON_BUILDER_7ZIP_PATH', '/usr/bin/7zz')
  if (formats.includes('AppImage') && process.env.APPIMAGE_TOOLS_PATH === undefined)
    provide('APPIMAGE_TOOLS_PATH', await fetchAppImageTools())
  provide('ELECTRON_BUILDER_COMPRESSION_LEVEL', '1')
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [target = '', ...rest] = process.argv.slice(2)
  if (!(target in packageTargets)) throw new SetupError(`Name a target: ${Object.keys(packageTargets).join(', ')}.`)
  const formats = rest.filter((argument) => !argument.startsWith('--'))
  const made = await packageApp(/** @type {PackageTargetName} */ (target), formats.length > 0 ? formats : ['dir'], {
    isTestable: rest.includes('--testable'),
    isPrepackaged: rest.includes('--prepackaged'),
  })
  process.stdout.write(`${made}\n`)
}
