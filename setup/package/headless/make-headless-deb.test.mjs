import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeHeadlessDeb } from './make-headless-deb.mjs'

const hasDpkg = existsSync('/usr/bin/dpkg-deb')

function makePackage(version = '1.2.3') {
  const folder = mkdtempSync(join(tmpdir(), 'exo-deb-'))
  const staged = join(folder, 'staged')
  mkdirSync(join(staged, 'bin'), { recursive: true })
  writeFileSync(join(staged, 'bin', 'exo'), `#!/bin/sh\necho ${version}\n`, { mode: 0o755 })
  const file = join(folder, 'exo.deb')
  makeHeadlessDeb(staged, file, { version, architecture: process.arch === 'x64' ? 'amd64' : 'arm64', epochSeconds: 1_700_000_000 })
  return file
}

describe.skipIf(!hasDpkg)('a Debian package', () => {
  it('is the same to the byte each time', () => {
    expect(readFileSync(makePackage()).equals(readFileSync(makePackage()))).toBe(true)
  })

  it.skipIf(process.getuid?.() !== 0)('is installed, updated and removed by dpkg without leaving a file', () => {
    const root = mkdtempSync(join(tmpdir(), 'exo-deb-root-'))
    for (const folder of ['updates', 'info']) mkdirSync(join(root, 'var', 'lib', 'dpkg', folder), { recursive: true })
    for (const file of ['status', 'available']) writeFileSync(join(root, 'var', 'lib', 'dpkg', file), '')
    const dpkg = (/** @type {string[]} */ ...words) =>
      execFileSync('dpkg', [`--root=${root}`, '--force-depends', '--force-not-root', '--log=/dev/null', ...words], { stdio: 'ignore' })
    const version = () => execFileSync(join(root, 'usr', 'lib', 'exo-distributed', 'bin', 'exo'), { encoding: 'utf8' }).trim()
    dpkg('-i', makePackage('1.2.3'))
    expect(version()).toBe('1.2.3')
    dpkg('-i', makePackage('1.2.4'))
    expect(version()).toBe('1.2.4')
    dpkg('-r', 'exo-node')
    expect(readdirSync(root, { recursive: true }).filter((path) => String(path).startsWith('usr') && String(path).includes('exo'))).toEqual(
      [],
    )
  })
})
