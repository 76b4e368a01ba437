import { Buffer } from 'node:buffer'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { makeRpm } from './make-rpm.mjs'

const isHere = (/** @type {string} */ program) =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)))

function makePackage() {
  const folder = mkdtempSync(join(tmpdir(), 'exo-rpm-'))
  const staged = join(folder, 'staged')
  mkdirSync(join(staged, 'bin'), { recursive: true })
  mkdirSync(join(staged, 'dist'))
  writeFileSync(join(staged, 'bin', 'exo'), '#!/bin/sh\necho ran\n', { mode: 0o755 })
  writeFileSync(join(staged, 'dist', 'größe.mjs'), 'content')
  const file = join(folder, 'exo.rpm')
  makeRpm(staged, file, { version: '1.2.3-beta.1', architecture: 'x86_64', epochSeconds: 1_700_000_000 })
  return file
}

/** The end of a header that begins at `at`. @param {Buffer} data @param {number} at */
function endOfHeader(data, at) {
  expect(data.subarray(at, at + 4)).toEqual(Buffer.from([0x8e, 0xad, 0xe8, 0x01]))
  return at + 16 + 16 * data.readUInt32BE(at + 8) + data.readUInt32BE(at + 12)
}

describe('an RPM package', () => {
  it('is the same to the byte each time', () => {
    expect(readFileSync(makePackage()).equals(readFileSync(makePackage()))).toBe(true)
  })

  it('has a signature header over the header and the payload, whose sizes and hashes agree', () => {
    const data = readFileSync(makePackage())
    expect(data.readUInt32BE(0)).toBe(0xedabeedb)
    const signatureEnd = endOfHeader(data, 96)
    const headerStart = Math.ceil(signatureEnd / 8) * 8
    const header = data.subarray(headerStart, endOfHeader(data, headerStart))
    const payload = data.subarray(headerStart + header.length)
    const signatures = data.subarray(96, signatureEnd).toString('latin1')
    expect(signatures).toContain(createHash('sha256').update(header).digest('hex'))
    expect(signatures).toContain(createHash('md5').update(header).update(payload).digest().toString('latin1'))
    expect(header.toString('latin1')).toContain(createHash('sha256').update(payload).digest('hex'))
    expect(gunzipSync(payload).toString('latin1')).toMatch(/^070701[\s\S]*TRAILER!!!\0+$/)
  })

  it.skipIf(!isHere('cpio'))('is unpacked by cpio', () => {
    const data = readFileSync(makePackage())
    const headerStart = Math.ceil(endOfHeader(data, 96) / 8) * 8
    const target = mkdtempSync(join(tmpdir(), 'exo-rpm-unpacked-'))
    execFileSync('cpio', ['-idm', '--quiet'], { cwd: target, input: gunzipSync(data.subarray(endOfHeader(data, headerStart))) })
    expect(readlinkSync(join(target, 'usr', 'bin', 'exo'))).toBe('/usr/lib/exo-distributed/bin/exo')
    expect(execFileSync(join(target, 'usr', 'lib', 'exo-distributed', 'bin', 'exo'), { encoding: 'utf8' })).toBe('ran\n')
  })

  it.skipIf(!isHere('rpm'))('is checked, installed and removed by rpm', () => {
    const file = makePackage()
    const database = mkdtempSync(join(tmpdir(), 'exo-rpm-db-'))
    const target = mkdtempSync(join(tmpdir(), 'exo-rpm-root-'))
    const rpm = (/** @type {string[]} */ ...words) => execFileSync('rpm', ['--dbpath', database, ...words], { encoding: 'utf8' })
    expect(execFileSync('rpmkeys', ['--dbpath', database, '--checksig', '--nosignature', file], { encoding: 'utf8' })).toMatch(/digests OK/)
    expect(rpm('-qp', '--nosignature', '--qf', '%{NAME} %{VERSION} %{ARCH} %{LICENSE}', file)).toBe(
      'exo-node 1.2.3~beta.1 x86_64 Apache-2.0',
    )
    expect(rpm('-qpl', '--nosignature', file).trim().split('\n')).toContain('/usr/lib/exo-distributed/dist/größe.mjs')
    const paths = ['--nodeps', '--ignorearch', '--nosignature', '--relocate', `/usr=${target}`, '--badreloc']
    rpm('-i', ...paths, file)
    expect(execFileSync(join(target, 'lib', 'exo-distributed', 'bin', 'exo'), { encoding: 'utf8' })).toBe('ran\n')
    expect(rpm('-V', '--nodeps', 'exo-node')).toBe('')
    rpm('-e', 'exo-node')
    expect(readdirSync(target, { recursive: true }).filter((path) => String(path).includes('exo'))).toEqual([])
  })
})
