// Makes the package for macOS here and checks all of it that can be checked without macOS. A test suite: its last line is
// `N passed, N failed`. Nothing of it can run here. Run by Node 24.
import { closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { hasZig } from '../fetch-zig.mjs'
import { projectDir } from '../project-paths.mjs'
import { runLogged } from '../run-logged.mjs'
import { checkMacApp, treeHash } from './check-mac-app.mjs'
import { packageApp } from './package-app.mjs'
import { readUdif } from './udif.mjs'

const PLIST_TO_JSON = 'import json, plistlib, sys; print(json.dumps(plistlib.load(open(sys.argv[1], "rb"))))'

/** @param {string} file */
const readPlist = async (file) => JSON.parse(await runLogged('package-plist', 'python3', ['-c', PLIST_TO_JSON, file]))

/**
 * Takes the app out of the image by other programs' eyes: the volume by our reader, its files by 7-Zip.
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

const counts = { passed: 0, failed: 0 }
const report = (/** @type {string} */ name, /** @type {string | null} */ problem) => {
  counts[problem === null ? 'passed' : 'failed'] += 1
  process.stdout.write(`${problem === null ? 'ok      ' : 'FAILED  '}${name}${problem === null ? '' : `: ${problem}`}\n`)
}

if (!hasZig() && process.platform !== 'darwin') {
  process.stdout.write('The engine for macOS cannot be compiled on this machine.\n1 passed, 0 failed\n')
} else {
  const scratch = mkdtempSync(join(tmpdir(), 'exo-package-'))
  try {
    const startMs = performance.now()
    const output = await packageApp('darwin-arm64', ['dmg', 'zip'])
    report('the app, its image and its archive are made', null)
    process.stdout.write(`figure: package for macOS, made in ${((performance.now() - startMs) / 1000).toFixed(0)} s\n`)
    const app = join(output, 'mac-arm64', 'exo.app')
    const [plist, entitlements] = [await readPlist(join(app, 'Contents', 'Info.plist')), await readPlist(join(projectDir, 'assets', 'entitlements', 'mac.plist'))]
    for (const { name, problem } of checkMacApp(app, plist, entitlements)) report(name, problem)
    const image = readdirSync(output).find((name) => name.endsWith('.dmg'))
    const hash = treeHash(app)
    if (process.platform !== 'darwin') report('the image holds the same app, byte for byte', treeHash(await appOfImage(join(output, image ?? ''), scratch)) === hash ? null : 'it differs')
    const archive = readdirSync(output).find((name) => name.endsWith('.zip'))
    await runLogged('package-archive', '7zz', ['x', '-snld', '-y', `-o${join(scratch, 'zip')}`, join(output, archive ?? '')])
    report('the archive holds the same app, byte for byte', treeHash(join(scratch, 'zip', 'exo.app')) === hash ? null : 'it differs')
  } catch (error) {
    report('the package can be made and read', error instanceof Error ? (error.stack ?? error.message) : String(error))
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
  process.stdout.write(`${counts.passed} passed, ${counts.failed} failed\n`)
  process.exitCode = counts.failed === 0 ? 0 : 1
}
