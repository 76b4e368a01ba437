import { Buffer } from 'node:buffer'
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sshPublicKey, sshSignature } from '../signing/ssh-signature.mjs'
import { gzipOf, ustarOf } from './ustar.mjs'

const { publicKey, privateKey } = generateKeyPairSync('ed25519')
const script = readFileSync(join(import.meta.dirname, 'install.sh'), 'utf8')
const target = `${process.platform}-${process.arch}`

/** A release of a program that prints its version. @param {string} version @param {boolean} isSigned */
function makeRelease(version, isSigned = true) {
  const release = mkdtempSync(join(tmpdir(), 'exo-release-'))
  const staged = join(release, 'staged')
  mkdirSync(join(staged, 'bin'), { recursive: true })
  writeFileSync(join(staged, 'bin', 'exo'), `#!/bin/sh\necho ${version}\n`, { mode: 0o755 })
  const name = `exo-${version}-${target}.tar.gz`
  const archive = gzipOf(ustarOf(staged, { root: `exo-${version}`, epochSeconds: 1 }))
  writeFileSync(join(release, name), archive)
  const sums = `${createHash('sha256').update(archive).digest('hex')}  ${name}\n`
  writeFileSync(join(release, 'SHA256SUMS'), sums)
  if (isSigned) {
    writeFileSync(join(release, 'SHA256SUMS.sig'), sign(null, Buffer.from(sums), privateKey))
    writeFileSync(join(release, 'SHA256SUMS.sshsig'), sshSignature(sums, privateKey))
  }
  const key = isSigned ? publicKey.export({ type: 'spki', format: 'pem' }).toString().trim() : ''
  const sshKey = isSigned ? sshPublicKey(publicKey) : ''
  writeFileSync(join(release, 'install.sh'), script.replace('@PUBLIC_KEY@', key).replace('@SSH_PUBLIC_KEY@', sshKey))
  return { release, archive: join(release, name) }
}

/** @param {string} release @param {readonly string[]} words */
function install(release, ...words) {
  return installWith(process.env, release, ...words)
}

/** @param {NodeJS.ProcessEnv} env @param {string} release @param {readonly string[]} words */
function installWith(env, release, ...words) {
  const { status, stdout, stderr } = spawnSync('sh', [join(release, 'install.sh'), ...words], { encoding: 'utf8', env })
  return { status, stdout, stderr }
}

/** An environment in which a program fails, as the openssl of macOS does for Ed25519. @param {string} name */
function environmentWithout(name) {
  const folder = mkdtempSync(join(tmpdir(), 'exo-programs-'))
  writeFileSync(join(folder, name), '#!/bin/sh\nexit 1\n', { mode: 0o755 })
  return { ...process.env, PATH: `${folder}:${process.env.PATH}` }
}

const newPrefix = () => mkdtempSync(join(tmpdir(), 'exo prefix '))
/** @param {string} prefix */
const versionIn = (prefix) => execFileSync(join(prefix, 'bin', 'exo'), { encoding: 'utf8' }).trim()

describe('install.sh', () => {
  it('installs, updates and removes, without root and in a folder with a space', () => {
    const prefix = newPrefix()
    expect(install(makeRelease('1.0.0').release, '--prefix', prefix)).toMatchObject({ status: 0, stderr: '' })
    expect(versionIn(prefix)).toBe('1.0.0')
    expect(install(makeRelease('1.1.0').release, '--prefix', prefix).status).toBe(0)
    expect(versionIn(prefix)).toBe('1.1.0')
    expect(readdirSync(join(prefix, 'lib', 'exo-distributed')).sort()).toEqual(['current', 'exo-1.1.0'])
    expect(install(makeRelease('1.1.0').release, '--uninstall', '--prefix', prefix).status).toBe(0)
    expect([existsSync(join(prefix, 'bin', 'exo')), existsSync(join(prefix, 'lib', 'exo-distributed'))]).toEqual([false, false])
  })

  it('refuses files that were changed, and leaves what is installed', () => {
    const prefix = newPrefix()
    expect(install(makeRelease('1.0.0').release, '--prefix', prefix).status).toBe(0)
    const sums = makeRelease('1.1.0')
    appendFileSync(join(sums.release, 'SHA256SUMS'), 'x\n')
    expect(install(sums.release, '--prefix', prefix)).toMatchObject({ status: 1, stderr: expect.stringContaining('signature') })
    const changed = makeRelease('1.1.0')
    appendFileSync(changed.archive, 'x')
    expect(install(changed.release, '--prefix', prefix)).toMatchObject({ status: 1, stderr: expect.stringContaining('checksum') })
    const foreign = makeRelease('1.1.0')
    const stranger = generateKeyPairSync('ed25519').privateKey
    const foreignSums = readFileSync(join(foreign.release, 'SHA256SUMS'))
    writeFileSync(join(foreign.release, 'SHA256SUMS.sig'), sign(null, foreignSums, stranger))
    writeFileSync(join(foreign.release, 'SHA256SUMS.sshsig'), sshSignature(foreignSums, stranger))
    expect(install(foreign.release, '--prefix', prefix)).toMatchObject({ status: 1, stderr: expect.stringContaining('signature') })
    expect(versionIn(prefix)).toBe('1.0.0')
  })

  it.each([
    ['openssl', 'SHA256SUMS.sshsig'],
    ['ssh-keygen', 'SHA256SUMS.sig'],
  ])('checks the signature without %s', (missing, signature) => {
    const environment = environmentWithout(missing)
    expect(installWith(environment, makeRelease('1.0.0').release, '--prefix', newPrefix()).status).toBe(0)
    const { release } = makeRelease('1.0.0')
    writeFileSync(join(release, signature), readFileSync(join(makeRelease('1.1.0').release, signature)))
    expect(installWith(environment, release, '--prefix', newPrefix())).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('signature'),
    })
  })

  it('says that a development build has no signature', () => {
    const { status, stderr } = install(makeRelease('1.0.0', false).release, '--prefix', newPrefix())
    expect([status, stderr]).toEqual([0, expect.stringContaining('development build')])
  })

  it.each([
    ['an unknown option', ['--frobnicate'], 'unknown option'],
    ['an archive for another system', ['exo-1.0.0-darwin-x64.tar.gz'], 'name the archive'],
    ['a removal of what is not there', ['--uninstall', '--prefix', '/nonexistent'], 'not installed'],
  ])('refuses %s', (_, words, reason) => {
    expect(install(makeRelease('1.0.0').release, ...words)).toMatchObject({ status: 1, stderr: expect.stringContaining(reason) })
  })
})
