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
import { buildableTargets, stageHeadless } from './stage-headless.mjs'
import { formatSizes, sizesOf } from './slim-staged.mjs'
import { gzipOf, ustarOf } from './ustar.mjs'

/** @typedef {import('../targets.mjs').PackageTargetName} PackageTargetName */

const FORMATS = ['tar', 'deb', 'rpm', 'oci', 'wheel', 'npm']

/** pip's names for the systems; MLX's own libraries need this version of glibc or macOS. */
const WHEEL_TAGS = { 'linux-x64': 'manylinux_2_35_x86_64', 'linux-arm64': 'manylinux_2_35_aarch64', 'darwin-arm64': 'macosx_14_0_arm64' }

/**
 * @param {readonly PackageTargetName[]} targets
 * @param {readonly string[]} formats - of `FORMATS`
 * @returns {Promise<string>} the folder with the results
 */
async function packageHeadless(targets, formats) {
  const output = join(projectDir, 'build', 'package', 'headless')
  rmSync(output, { recursive: true, force: true })
  mkdirSync(output, { recursive: true })
  /** @type {import('./oci-layout.mjs').SystemImage[]} */
  const images = []
  const staged = join(output, 'staged')
  let facts = { version: '', epochSeconds: 0 }
  for (const target of targets) {
    facts = await withProgressLine(`what goes into the ${target} packages`, () => stageHeadless(target, staged))
    process.stdout.write(formatSizes(sizesOf(staged)))
    await packStaged(staged, output, { target, formats, ...facts })
    if (target !== 'darwin-arm64' && formats.includes('oci'))
      images.push(systemImage(staged, join(output, 'base'), target, facts.epochSeconds))
    rmSync(staged, { recursive: true, force: true })
  }
  const { version } = facts
  if (images.length > 0) writeOciLayout(join(output, `exo-${version}-oci`), images, facts)
  signRelease(output, version, givenUpdateKey(process.env))
  writeHomebrew(output, releaseOf(version, process.env))
  return output
}

/**
 * The packages of one target, except the image.
 *
 * @param {string} staged
 * @param {string} output
 * @param {{ target: PackageTargetName, formats: readonly string[], version: string, epochSeconds: number }} facts
 */
async function packStaged(staged, output, { target, formats, version, epochSeconds }) {
  const { system } = packageTargets[target]
  const architecture = debianArchitecture(target)
  const name = `exo-${version}`
  if (formats.includes('tar')) {
    const archive = gzipOf(ustarOf(staged, { root: name, epochSeconds }))
    writeFileSync(join(output, `${name}-${target}.tar.gz`), archive)
  }
  if (system === 'linux' && formats.includes('deb')) {
    requireTools([tools.dpkgDeb])
    makeHeadlessDeb(staged, join(output, `exo-node_${version}_${architecture}.deb`), { version, architecture, epochSeconds })
  }
  if (system === 'linux' && formats.includes('rpm')) {
    const rpmArchitecture = architecture === 'amd64' ? 'x86_64' : 'aarch64'
    makeRpm(staged, join(output, `exo-node-${version}-1.${rpmArchitecture}.rpm`), { version, architecture: rpmArchitecture, epochSeconds })
  }
  if (formats.includes('npm')) makeNpmPackages(staged, output, { version, target, epochSeconds })
  if (formats.includes('wheel')) {
    const script = join(projectDir, 'setup', 'package', 'headless', 'make-wheel.py')
    await runLogged('package-wheel', 'python3', [script, staged, output, version, WHEEL_TAGS[target], String(epochSeconds)])
  }
}

/** @param {PackageTargetName} target @returns {'amd64' | 'arm64'} */
const debianArchitecture = (target) => (packageTargets[target].arch === 'x64' ? 'amd64' : 'arm64')

/**
 * @param {string} staged
 * @param {string} base - a folder for the files of the system, removed afterwards
 * @param {'linux-x64' | 'linux-arm64'} target
 * @param {number} epochSeconds
 */
function systemImage(staged, base, target, epochSeconds) {
  stageBaseLayer(staged, base, target)
  const layers = [ustarOf(base, { root: '', epochSeconds, openFolders: OPEN_FOLDERS }), ustarOf(staged, { root: 'opt/exo', epochSeconds })]
  rmSync(base, { recursive: true, force: true })
  return { layers, architecture: debianArchitecture(target) }
}

/** Formats and targets in any order; all formats, and this machine's target, by default. @param {readonly string[]} words */
function parseWords(words) {
  const buildable = buildableTargets()
  if (buildable.length === 0) throw new SetupError(`There are no packages for ${process.platform}-${process.arch}.`)
  const targets = buildable.filter((target) => words.includes(target))
  const formats = FORMATS.filter((format) => words.includes(format))
  const unknown = words.find((word) => !FORMATS.includes(word) && !(/** @type {string[]} */ (buildable).includes(word)))
  if (unknown !== undefined)
    throw new SetupError(
      `${unknown} is neither a format (${FORMATS.join(', ')}) nor a system for which this machine builds (${buildable.join(', ')}).`,
    )
  return { targets: targets.length > 0 ? targets : buildable.slice(0, 1), formats: formats.length > 0 ? formats : FORMATS }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { targets, formats } = parseWords(process.argv.slice(2))
  process.stdout.write(`${await packageHeadless(targets, formats)}\n`)
}
