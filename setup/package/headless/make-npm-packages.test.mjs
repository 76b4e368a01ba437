import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { makeNpmPackages } from './make-npm-packages.mjs'

const target = /** @type {import('../targets.mjs').PackageTargetName} */ (`${process.platform}-${process.arch}`)

/** A staged program whose "Node" prints its arguments. */
function makeStaged() {
  const staged = mkdtempSync(join(tmpdir(), 'exo-npm-staged-'))
  for (const name of ['@duckdb/node-api', '@duckdb/node-bindings', `@duckdb/node-bindings-${target}`]) {
    mkdirSync(join(staged, 'node_modules', name), { recursive: true })
    writeFileSync(join(staged, 'node_modules', name, 'package.json'), JSON.stringify({ name, version: '1.0.0' }))
  }
  mkdirSync(join(staged, 'dist'))
  writeFileSync(join(staged, 'dist', 'exo.mjs'), '')
  writeFileSync(join(staged, 'package.json'), JSON.stringify({ exoBuild: { commit: 'c' } }))
  writeFileSync(join(staged, 'node'), '#!/bin/sh\nshift\necho "ran: $*"\nexit 3\n', { mode: 0o755 })
  return staged
}

function makePackages() {
  const output = mkdtempSync(join(tmpdir(), 'exo-npm-out-'))
  return makeNpmPackages(makeStaged(), output, { version: '1.2.3', target, epochSeconds: 5 }).map((name) => join(output, name))
}

it('makes the same packages twice', () => {
  const contents = [makePackages(), makePackages()].map((files) => files.map((file) => readFileSync(file).toString('base64')))
  expect(contents[0]).toEqual(contents[1])
})

it('makes packages with which npm installs exo, its bundled parts and its exit status', () => {
  const project = mkdtempSync(join(tmpdir(), 'exo-npm-project-'))
  writeFileSync(join(project, 'package.json'), '{"private": true}')
  execFileSync('npm', ['install', '--offline', '--no-audit', '--no-fund', '--silent', ...makePackages()], { cwd: project, stdio: 'ignore' })
  const exo = join(project, 'node_modules', '.bin', 'exo')
  const { status, stdout } = run(exo, ['run', 'a b'])
  expect([status, stdout]).toEqual([3, 'ran: run a b\n'])
  const program = join(project, 'node_modules', `exo-distributed-${target}`)
  expect(JSON.parse(readFileSync(join(program, 'node_modules', '@duckdb', 'node-api', 'package.json'), 'utf8')).version).toBe('1.0.0')
})

/** @param {string} program @param {string[]} words */
function run(program, words) {
  try {
    return { status: 0, stdout: execFileSync(program, words, { encoding: 'utf8' }) }
  } catch (error) {
    return /** @type {{ status: number, stdout: string }} */ (error)
  }
}
