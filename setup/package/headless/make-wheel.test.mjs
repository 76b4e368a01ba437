import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const script = join(import.meta.dirname, 'make-wheel.py')

/** A staged program whose "Node" prints its arguments. */
function makeStaged() {
  const staged = mkdtempSync(join(tmpdir(), 'exo-staged-'))
  mkdirSync(join(staged, 'dist'))
  writeFileSync(join(staged, 'dist', 'exo.mjs'), '')
  writeFileSync(join(staged, 'node'), '#!/bin/sh\nshift\necho "ran: $*"\n', { mode: 0o755 })
  return staged
}

function makeWheel() {
  const output = mkdtempSync(join(tmpdir(), 'exo-wheel-'))
  return execFileSync('python3', [script, makeStaged(), output, '1.2.3', 'any', '1700000000'], { encoding: 'utf8' }).trim()
}

it('makes the same wheel twice', () => {
  expect(readFileSync(makeWheel()).equals(readFileSync(makeWheel()))).toBe(true)
})

it('makes a wheel that pip installs, with the command exo', () => {
  const target = mkdtempSync(join(tmpdir(), 'exo-pip-'))
  const pip = ['-m', 'pip', 'install', '--quiet', '--no-index', '--no-deps', '--disable-pip-version-check', '--prefix', target]
  execFileSync('python3', [...pip, '--ignore-installed', '--no-warn-script-location', makeWheel()], { stdio: 'ignore' })
  const found = /** @type {string[]} */ (readdirSync(target, { recursive: true }))
  const packages = found.find((path) => path.endsWith('site-packages') || path.endsWith('dist-packages')) ?? ''
  const exo = found.find((path) => /(^|\/)bin\/exo$/.test(path)) ?? ''
  const environment = { ...process.env, PYTHONPATH: join(target, packages) }
  expect(execFileSync(join(target, exo), ['run', 'a b'], { encoding: 'utf8', env: environment })).toBe('ran: run a b\n')
})
