import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageTargets } from '../targets.mjs'
import { gzipOf, ustarOf } from './ustar.mjs'

/** Finds the program that npm has installed for this system, and becomes it. */
const STARTER = `#!/usr/bin/env node
const { spawn } = require('node:child_process')
const { dirname, join } = require('node:path')

const target = process.platform + '-' + process.arch
let folder
try {
  folder = dirname(require.resolve('exo-distributed-' + target + '/package.json'))
} catch {
  console.error('exo: there is no package for ' + target + ', or npm was told to leave out optional dependencies.')
  process.exit(1)
}
const child = spawn(join(folder, 'node'), [join(folder, 'dist', 'exo.mjs'), ...process.argv.slice(2)], { stdio: 'inherit' })
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.once('error', (error) => {
  console.error('exo: ' + error.message)
  process.exit(1)
})
child.once('exit', (status, signal) => process.exit(status ?? (signal === null ? 0 : 1)))
`

/**
 * Two packages for npm: the program for one system, and `exo-distributed`, which has the programs for all systems as optional
 * dependencies, so that npm installs only the one that fits.
 *
 * @param {string} staged
 * @param {string} output
 * @param {{ version: string, target: import('../targets.mjs').PackageTargetName, epochSeconds: number }} facts
 * @returns {string[]} the names of the files
 */
export function makeNpmPackages(staged, output, { version, target, epochSeconds }) {
  const scratch = mkdtempSync(join(tmpdir(), 'exo-npm-'))
  /** @param {string} name @param {object} manifest @param {(folder: string) => void} fill */
  const pack = (name, manifest, fill) => {
    const folder = join(scratch, name)
    mkdirSync(folder)
    fill(folder)
    const common = { name, version, license: 'Apache-2.0', description: 'Large language models on all your machines as one' }
    writeFileSync(join(folder, 'package.json'), `${JSON.stringify({ ...common, ...manifest }, null, 2)}\n`)
    const file = `${name}-${version}.tgz`
    writeFileSync(join(output, file), gzipOf(ustarOf(folder, { root: 'package', epochSeconds })))
    return file
  }
  try {
    const [os, cpu] = target.split('-')
    const { exoBuild } = JSON.parse(readFileSync(join(staged, 'package.json'), 'utf8'))
    const bundled = ['@duckdb/node-api', '@duckdb/node-bindings', packageTargets[target].duckdb]
    const dependencies = Object.fromEntries(bundled.map((name) => [name, versionOf(join(staged, 'node_modules', name))]))
    const program = pack(
      `exo-distributed-${target}`,
      { type: 'module', os: [os], cpu: [cpu], dependencies, bundleDependencies: bundled, exoBuild },
      (folder) => cpSync(staged, folder, { recursive: true, verbatimSymlinks: true }),
    )
    const names = Object.keys(packageTargets).map((each) => `exo-distributed-${each}`)
    const optionalDependencies = Object.fromEntries(names.map((name) => [name, version]))
    const starter = pack('exo-distributed', { bin: { exo: 'exo.js' }, optionalDependencies }, (folder) =>
      writeFileSync(join(folder, 'exo.js'), STARTER, { mode: 0o755 }),
    )
    return [program, starter]
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** @param {string} folder @returns {string} */
function versionOf(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version
}
