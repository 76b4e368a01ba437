// `npm run package:headless`: packages without the app in build/package/headless/. Runs on Node 24.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { withProgressLine } from '../../progress-line.mjs'
import { projectDir } from '../../project-paths.mjs'
import { runLogged } from '../../run-logged.mjs'
import { SetupError } from '../../setup-error.mjs'
import { requireTools, tools } from '../../tools/require-tools.mjs'
import { signRelease } from '../signing/sign-release.mjs'
import { givenUpdateKey } from '../signing/sign-update-feed.mjs'
import { packageTargets } from '../targets.mjs'
import { OPEN_FOLDERS, stageBaseLayer } from './base-layer.mjs'
import { releaseOf, writeHomebrew } from './homebrew.mjs'
import { makeHeadlessDeb } from './make-headless-deb.mjs'
import { makeNpmPackages } from './make-npm-packages.mjs'
import { makeRpm } from './make-rpm.mjs'
import { writeOciLayout } from './oci-layout.mjs'
import { stageHeadless } from './stage-headless.mjs'
import { formatSizes, sizesOf } from './slim-staged.mjs'
import { gzipOf, ustarOf } from './ustar.mjs'

/** @typedef {import('../targets.mjs').PackageTargetName} PackageTargetName */

const FORMATS = ['tar', 'deb', 'rpm', 'oci', 'wheel', 'npm']

/** pip's names for the systems; MLX's own libraries need this version of glibc or macOS. */
const WHEEL_TAGS = { 'linux-x64': 'manylinux_2_35_x86_64', 'linux-arm64': 'manylinux_2_35_aarch64', 'darwin-arm64': 'macosx_14_0_arm64' }

/**
 * @param {readonly string[]} formats - of `FORMATS`
 * @returns {Promise<string>} the folder with the results
 */
async function packageHeadless(formats = FORMATS) {
  const target = /** @type {PackageTargetName} */ (`${process.platform}-${process.arch}`)
  if (!(target in packageTargets)) throw new SetupError(`There are no packages for ${target}.`)
  const output = join(projectDir, 'build', 'package', 'headless')
  const staged = join(output, 'staged')
  rmSync(output, { recursive: true, force: true })
  mkdirSync(output, { recursive: true })
  const { version, epochSeconds } = await withProgressLine(`what goes into the ${target} packages`, () => stageHeadless(target, staged))
  process.stdout.write(formatSizes(sizesOf(staged)))
  const architecture = packageTargets[target].arch === 'x64' ? 'amd64' : 'arm64'
  const name = `exo-${version}`
  if (formats.includes('tar')) {
    const archive = gzipOf(ustarOf(staged, { root: name, epochSeconds }))
    writeFileSync(join(output, `${name}-${target}.tar.gz`), archive)
  }
  if (process.platform === 'linux' && formats.includes('deb')) {
    requireTools([tools.dpkgDeb])
    makeHeadlessDeb(staged, join(output, `exo-node_${version}_${architecture}.deb`), { version, architecture, epochSeconds })
  }
  if (process.platform === 'linux' && formats.includes('rpm')) {
    const rpmArchitecture = architecture === 'amd64' ? 'x86_64' : 'aarch64'
    makeRpm(staged, join(output, `exo-node-${version}-1.${rpmArchitecture}.rpm`), { version, architecture: rpmArchitecture, epochSeconds })
  }
  if (process.platform === 'linux' && formats.includes('oci')) {
    const base = join(output, 'base')
    stageBaseLayer(staged, base)
    const layers = [
      ustarOf(base, { root: '', epochSeconds, openFolders: OPEN_FOLDERS }),
      ustarOf(staged, { root: 'opt/exo', epochSeconds }),
    ]
    writeOciLayout(join(output, `${name}-oci`), { layers, version, architecture, epochSeconds })
    rmSync(base, { recursive: true, force: true })
  }
  if (formats.includes('npm')) makeNpmPackages(staged, output, { version, target, epochSeconds })
  if (formats.includes('wheel')) {
    const script = join(projectDir, 'setup', 'package', 'headless', 'make-wheel.py')
    await runLogged('package-wheel', 'python3', [script, staged, output, version, WHEEL_TAGS[target], String(epochSeconds)])
  }
  rmSync(staged, { recursive: true, force: true })
  signRelease(output, version, givenUpdateKey(process.env))
  writeHomebrew(output, releaseOf(version, process.env))
  return output
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const formats = process.argv.slice(2)
  const unknown = formats.find((format) => !FORMATS.includes(format))
  if (unknown !== undefined) throw new SetupError(`${unknown} is not a format: ${FORMATS.join(', ')}.`)
  process.stdout.write(`${await packageHeadless(formats.length > 0 ? formats : FORMATS)}\n`)
}
