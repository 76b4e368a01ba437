// A package of the app, in build/package/TARGET/: package-app.mjs TARGET [--testable] FORMAT ... Run by Node 24.
import { createRequire } from 'node:module'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { fetchElectron, isElectronTarget } from '../electron/fetch-electron.mjs'
import { withProgressLine } from '../progress-line.mjs'
import { projectDir } from '../project-paths.mjs'
import { SetupError } from '../setup-error.mjs'
import { builderConfig } from './builder-config.mjs'
import { releaseSettings } from './release-settings.mjs'
import { stageApp } from './stage-app.mjs'
import { packageTargets } from './targets.mjs'

/** @typedef {import('./targets.mjs').PackageTargetName} PackageTargetName */

/**
 * @param {PackageTargetName} target
 * @param {readonly string[]} formats - of electron-builder: `dir`, `dmg`, `zip`, `AppImage`, `deb`
 * @param {{ isTestable?: boolean }} options
 * @returns {Promise<string>} the folder with the results
 */
export async function packageApp(target, formats, { isTestable = false } = {}) {
  const { system, arch } = packageTargets[target]
  const release = releaseSettings(process.env, { system, platform: process.platform })
  const staged = await withProgressLine(`what goes into the ${target} package`, () => stageApp(target))
  const electronDir = await pinnedElectron(target)
  provideTools()
  const { Arch, build, Platform } = /** @type {typeof import('electron-builder')} */ (createRequire(import.meta.url)('electron-builder'))
  const config = builderConfig({ target, staged, electronDir, isTestable, release })
  const targets = (system === 'mac' ? Platform.MAC : Platform.LINUX).createTarget([...formats], arch === 'arm64' ? Arch.arm64 : Arch.x64)
  await withProgressLine(`${target} package (${formats.join(', ')})`, () => build({ targets, config, projectDir: staged.app, publish: 'never' }))
  for (const notice of release.notices) process.stderr.write(`exo: ${notice}\n`)
  return config.directories?.output ?? ''
}

/**
 * A release holds Electron's own download; anything made for inspection the pinned one, which is to be had everywhere.
 *
 * @param {PackageTargetName} target
 */
async function pinnedElectron(target) {
  const isForRelease = process.env.EXO_OFFICIAL_ELECTRON === '1' || process.platform === 'darwin'
  return isForRelease || !isElectronTarget(target) ? null : fetchElectron(/** @type {import('../electron/fetch-electron.mjs').ElectronTarget} */ (target))
}

/** Debian's tools and our own in place of those that the packager would download. */
function provideTools() {
  const provide = (/** @type {string} */ name, /** @type {string} */ program) => {
    if (process.env[name] === undefined && existsSync(program)) process.env[name] = program
  }
  if (process.platform !== 'linux') return
  provide('ELECTRON_BUILDER_7ZIP_PATH', '/usr/bin/7zz')
  provide('CUSTOM_DMGBUILD_PATH', join(projectDir, 'setup', 'package', 'make-dmg.mjs'))
  provide('CUSTOM_FPM_PATH', join(projectDir, 'setup', 'package', 'make-deb.mjs'))
  process.env.ELECTRON_BUILDER_COMPRESSION_LEVEL ??= '1'
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [target = '', ...rest] = process.argv.slice(2)
  if (!(target in packageTargets)) throw new SetupError(`Name a target: ${Object.keys(packageTargets).join(', ')}.`)
  const formats = rest.filter((argument) => !argument.startsWith('--'))
  process.stdout.write(`${await packageApp(/** @type {PackageTargetName} */ (target), formats.length > 0 ? formats : ['dir'], { isTestable: rest.includes('--testable') })}\n`)
}
