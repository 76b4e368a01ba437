// Builds the package for macOS, or uses the existing one with `--made`, and checks it as far as possible without running
// it. A test suite: its last line is `N passed, N failed`. Runs on Node 24.
import { closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { hasZig } from '../../fetch/fetch-zig.mjs'
import { requireTools, tools } from '../../tools/require-tools.mjs'
import { runLogged } from '../../run-logged.mjs'
import { outputFolder } from '../builder-config.mjs'
import { checkMacApp } from './check-mac-app.mjs'
import { entitlementsOf } from '../entitlements.mjs'
import { packageApp } from '../package-app.mjs'
import { treeHash } from '../tree-hash.mjs'
import { readUdif } from './udif.mjs'

const PLIST_TO_JSON = 'import json, plistlib, sys; print(json.dumps(plistlib.load(open(sys.argv[1], "rb"))))'

/** @param {string} file */
const readPlist = async (file) => JSON.parse(await runLogged('package-plist', 'python3', ['-c', PLIST_TO_JSON, file]))

/**
 * Extracts the app from the image with independent readers: the volume with our own, its files with 7-Zip.
 *
 * @param {string} image
 * @param {string} scratch
 */
async function appOfImage(image, scratch) {
  const volumeFile = join(scratch, 'volume.hfs')
  const volume = openSync(volumeFile, 'w')
  readUdif(image, (raw) => writeSync(volume, raw))
  closeSync(volume)
  const folder = join(scratch, 'files')
  mkdirSync(folder)
  await runLogged('package-image', '7zz', ['x', '-snld', '-y', `-o${folder}`, volumeFile])
  const [title = ''] = readdirSync(folder)
  return title === 'exo.app' ? join(folder, title) : join(folder, title, 'exo.app')
}

/**
 * @param {string} archive
 * @param {string} folder
 */
const unpackArchive = (archive, folder) =>
  process.platform === 'darwin'
    ? runLogged('package-archive', 'ditto', ['-x', '-k', archive, folder])
    : runLogged('package-archive', '7zz', ['x', '-snld', '-y', `-o${folder}`, archive])

async function makePackage() {
  const startMs = performance.now()
  const output = await packageApp('darwin-arm64', ['dmg', 'zip'])
  report('the app, its image and its archive are built', null)
  process.stdout.write(`figure: package for macOS, made in ${((performance.now() - startMs) / 1000).toFixed(0)} s\n`)
  return output
}

const counts = { passed: 0, failed: 0 }
const report = (/** @type {string} */ name, /** @type {string | null} */ problem) => {
  counts[problem === null ? 'passed' : 'failed'] += 1
  process.stdout.write(`${problem === null ? 'ok      ' : 'FAILED  '}${name}${problem === null ? '' : `: ${problem}`}\n`)
}

if (!hasZig() && process.platform !== 'darwin') {
  process.stdout.write('The engine for macOS cannot be compiled on this machine.\n0 passed, 0 failed, 1 skipped\n')
} else {
  if (process.platform !== 'darwin') requireTools([tools.python, tools.sevenZip, tools.xorriso])
  const scratch = mkdtempSync(join(tmpdir(), 'exo-package-'))
  try {
    const output = process.argv.includes('--made') ? outputFolder('darwin-arm64', false) : await makePackage()
    const app = join(output, 'mac-arm64', 'exo.app')
    const plist = await readPlist(join(app, 'Contents', 'Info.plist'))
    for (const { name, problem } of checkMacApp(app, plist, (file) => entitlementsOf(file, true))) report(name, problem)
    const [image = '', archive = ''] = ['.dmg', '.zip'].map((extension) => readdirSync(output).find((name) => name.endsWith(extension)))
    if (process.platform !== 'darwin')
      report(
        'the file names are marked not-for-release',
        [image, archive].every((name) => name.includes('not-for-release')) ? null : `${image}, ${archive}`,
      )
    const hash = treeHash(app)
    if (process.platform !== 'darwin')
      report(
        'the image holds the same app, byte for byte',
        treeHash(await appOfImage(join(output, image), scratch)) === hash ? null : 'it differs',
      )
    await unpackArchive(join(output, archive), join(scratch, 'zip'))
    report('the archive holds the same app, byte for byte', treeHash(join(scratch, 'zip', 'exo.app')) === hash ? null : 'it differs')
  } catch (error) {
    report('the package can be built and read', error instanceof Error ? (error.stack ?? error.message) : String(error))
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
  process.stdout.write(`${counts.passed} passed, ${counts.failed} failed\n`)
  process.exitCode = counts.failed === 0 ? 0 : 1
}
