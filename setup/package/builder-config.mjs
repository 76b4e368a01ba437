import { readFileSync } from 'node:fs'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { projectDir } from '../project-paths.mjs'
import { signPerProcess } from './entitlements.mjs'
import { packageTargets } from './targets.mjs'

/**
 * @typedef {object} PackageOptions
 * @property {import('./targets.mjs').PackageTargetName} target
 * @property {import('./stage-app.mjs').StagedApp} staged
 * @property {string | null} electronDir - folder of an unpacked Electron; null: the packager downloads the version of package.json
 * @property {boolean} isTestable - allows a debugger to attach, as tests require; never set for a release
 * @property {import('./release-settings.mjs').ReleaseSettings} release
 */

/**
 * The constant part, which `npx electron-builder` reads too.
 *
 * @type {import('electron-builder').Configuration & {
 *   appId: string
 *   electronFuses: NonNullable<import('electron-builder').Configuration['electronFuses']>
 *   mac: { icon: string, minimumSystemVersion: string, extendInfo: Record<string, unknown> }
 *   linux: { icon: string }
 * }}
 */
const constant = parse(readFileSync(join(projectDir, 'electron-builder.yml'), 'utf8'))

/** With `isTestable`, the only difference is that Playwright can attach through the inspector. @param {boolean} isTestable */
export const packageFuses = (isTestable) => ({ ...constant.electronFuses, enableNodeCliInspectArguments: isTestable })

export const { extendInfo: infoPlistAdditions, minimumSystemVersion: MINIMUM_MACOS } = constant.mac
export const APP_ID = constant.appId

/**
 * @param {import('./targets.mjs').PackageTargetName} target
 * @param {boolean} isTestable
 */
export const outputFolder = (target, isTestable) => join(projectDir, 'build', 'package', target, isTestable ? 'testable' : 'out')

/** @returns {string} the version in package.json */
function packagedElectron() {
  return JSON.parse(readFileSync(join(projectDir, 'package.json'), 'utf8')).devDependencies.electron
}

/**
 * @param {PackageOptions} options
 * @returns {import('electron-builder').Configuration}
 */
export function builderConfig({ target, staged, electronDir, isTestable, release }) {
  const { arch, system } = packageTargets[target]
  return {
    ...constant,
    directories: { output: outputFolder(target, isTestable), buildResources: join(projectDir, 'assets') },
    ...(electronDir === null
      ? { electronVersion: packagedElectron() }
      : { electronDist: electronDir, electronVersion: readFileSync(join(electronDir, 'version'), 'utf8').trim() }),
    files: ['**/*', { from: staged.modules, to: 'node_modules' }],
    extraResources: [{ from: staged.resources, to: '.' }],
    electronFuses: packageFuses(isTestable),
    afterExtract: ({ appOutDir }) => cleanElectron(appOutDir, system === 'mac'),
    publish: release.updateFeed === null ? null : { provider: 'generic', url: release.updateFeed },
    artifactName: `exo-\${version}-${system}-${arch}${release.isForRelease ? '' : '-not-for-release'}.\${ext}`,
    mac: {
      ...constant.mac,
      icon: join(projectDir, constant.mac.icon),
      sign: signPerProcess(release.isSigned),
      // Without a certificate, sign ad hoc: flipping the fuses broke the signature, and Apple Silicon requires a valid one.
      ...(release.isSigned ? {} : { identity: release.isForRelease ? '-' : null }),
      notarize: release.isNotarized,
    },
    dmg: { ...constant.dmg, writeUpdateInfo: release.updateFeed !== null },
    linux: { ...constant.linux, icon: join(projectDir, constant.linux.icon) },
    // xz compresses better but takes minutes.
    deb: { ...constant.deb, compression: release.isForRelease ? 'xz' : 'gz' },
  }
}

/**
 * The packager copies an unpacked Electron without its empty folders. Removes the files that do not belong in an app, before
 * the archive's hash is computed, and restores the folders from which macOS knows the languages of an app.
 *
 * @param {string} folder
 * @param {boolean} isMac
 */
async function cleanElectron(folder, isMac) {
  const contents = join(folder, 'Electron.app', 'Contents')
  const resources = isMac ? join(contents, 'Resources') : join(folder, 'resources')
  for (const file of [join(resources, 'default_app.asar'), join(folder, 'version')]) await rm(file, { force: true })
  if (!isMac) return
  const names = await readdir(join(contents, 'Frameworks', 'Electron Framework.framework', 'Resources'))
  for (const name of names.filter((entry) => entry.endsWith('.lproj'))) await mkdir(join(resources, name), { recursive: true })
}
