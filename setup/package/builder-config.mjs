import { readFileSync } from 'node:fs'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
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

/** With `isTestable`, the only difference is that Playwright can attach through the inspector. @param {boolean} isTestable */
export const packageFuses = (isTestable) => ({
  runAsNode: false,
  enableCookieEncryption: true,
  enableNodeOptionsEnvironmentVariable: false,
  enableNodeCliInspectArguments: isTestable,
  enableEmbeddedAsarIntegrityValidation: true,
  onlyLoadAppFromAsar: true,
  loadBrowserProcessSpecificV8Snapshot: false,
  grantFileProtocolExtraPrivileges: false,
})

/** Entries of Info.plist besides those that the packager writes. */
export const infoPlistAdditions = {
  /** The app lives in the menu bar and appears in the dock only while a window is open. */
  LSUIElement: true,
  NSLocalNetworkUsageDescription: 'exo looks for your other machines on this network, to run language models on them together.',
  NSBonjourServices: ['_exo._tcp'],
}
export const MINIMUM_MACOS = '14.0'
export const APP_ID = 'org.exo-distributed.app'

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
    appId: APP_ID,
    productName: 'exo',
    copyright: 'Apache License 2.0',
    directories: { output: outputFolder(target, isTestable), buildResources: join(projectDir, 'assets') },
    ...(electronDir === null
      ? { electronVersion: packagedElectron() }
      : { electronDist: electronDir, electronVersion: readFileSync(join(electronDir, 'version'), 'utf8').trim() }),
    files: ['**/*', { from: staged.modules, to: 'node_modules' }],
    asar: true,
    // Matched against the source path of a file.
    asarUnpack: ['**/*.{node,so,dylib}'],
    extraResources: [{ from: staged.resources, to: '.' }],
    // The addon uses Node-API, so it works in any Electron.
    npmRebuild: false,
    nodeGypRebuild: false,
    electronFuses: packageFuses(isTestable),
    afterExtract: ({ appOutDir }) => cleanElectron(appOutDir, system === 'mac'),
    publish: release.updateFeed === null ? null : { provider: 'generic', url: release.updateFeed },
    artifactName: `exo-\${version}-${system}-${arch}${release.isForRelease ? '' : '-not-for-release'}.\${ext}`,
    mac: {
      category: 'public.app-category.developer-tools',
      icon: join(projectDir, 'assets', 'icons', 'icon.icns'),
      minimumSystemVersion: MINIMUM_MACOS,
      extendInfo: infoPlistAdditions,
      hardenedRuntime: true,
      gatekeeperAssess: false,
      sign: signPerProcess(release.isSigned),
      // Without a certificate, sign ad hoc: flipping the fuses broke the signature, and Apple Silicon requires a valid one.
      ...(release.isSigned ? {} : { identity: release.isForRelease ? '-' : null }),
      notarize: release.isNotarized,
    },
    // A background picture can be made only on macOS.
    dmg: { title: 'exo ${version}', backgroundColor: '#f4f5f3', writeUpdateInfo: release.updateFeed !== null },
    linux: {
      executableName: 'exo-app',
      icon: join(projectDir, 'assets', 'icons', 'linux'),
      category: 'Utility',
      synopsis: 'The machines on a desk, one machine for large language models',
      maintainer: 'exo-distributed',
      syncDesktopName: true,
    },
    // xz compresses better but takes minutes.
    deb: { packageName: 'exo-distributed', priority: 'optional', compression: release.isForRelease ? 'xz' : 'gz' },
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
