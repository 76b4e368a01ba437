import { execFileSync } from 'node:child_process'
import { type KeyObject, createPublicKey } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { version as ownVersion } from '../../main/shared/version.ts'
import { projectDir } from '../node/run-exo.ts'

/** What a program shares with this checkout instead of containing it, as links. */
const SHARED = ['assets', 'build', 'node_modules']
const target = `${process.platform}-${process.arch}`

/**
 * A release of this checkout's program under another version: its archive, without Node and the engine, the checksums, the signed list for
 * `exo update`, and `install.sh`.
 *
 * @param key - the publisher's
 * @returns its folder
 */
export function makeProgramRelease(version: string, key: KeyObject): string {
  const release = mkdtempSync(join(tmpdir(), 'exo-release-'))
  const program = join(release, `exo-${version}`)
  mkdirSync(join(program, 'bin'), { recursive: true })
  mkdirSync(join(program, 'dist'))
  for (const name of readdirSync(join(projectDir, 'dist')).filter((each) => each.endsWith('.mjs'))) {
    const text = readFileSync(join(projectDir, 'dist', name), 'utf8')
    writeFileSync(join(program, 'dist', name), text.replace(new RegExp(`^(var version\\d* = )"${ownVersion}";$`, 'm'), `$1"${version}";`))
  }
  symlinkSync(join(projectDir, 'dist', 'renderer'), join(program, 'dist', 'renderer'))
  for (const name of SHARED) symlinkSync(join(projectDir, name), join(program, name))
  const launcher = `#!/bin/sh\nexec '${process.execPath}' "$(dirname "$(readlink -f "$0")")/../dist/exo.mjs" "$@"\n`
  writeFileSync(join(program, 'bin', 'exo'), launcher, { mode: 0o755 })
  const exoBuild = { commit: null, mlx: '0.0.0', target }
  writeFileSync(join(program, 'package.json'), JSON.stringify({ name: 'exo-distributed', version, type: 'module', exoBuild }))
  writeFileSync(join(program, 'update-key.pem'), createPublicKey(key).export({ type: 'spki', format: 'pem' }))
  execFileSync('tar', ['-czf', join(release, `exo-${version}-${target}.tar.gz`), '-C', release, `exo-${version}`])
  rmSync(program, { recursive: true })
  signFolder(release, version, key)
  return release
}

/** Signs a release again, with another key or under another version. */
export function signFolder(release: string, version: string, key: KeyObject): void {
  execFileSync(process.execPath, [join(projectDir, 'setup', 'package', 'signing', 'sign-release.mjs'), release, version], {
    env: { ...process.env, EXO_UPDATE_KEY: key.export({ type: 'pkcs8', format: 'pem' }).toString() },
  })
}

/** Installs a release as its user does. @returns the path of `exo` */
export function installRelease(release: string, prefix: string): string {
  execFileSync('sh', [join(release, 'install.sh'), '--prefix', prefix], { stdio: 'ignore' })
  return join(prefix, 'bin', 'exo')
}

/** A release whose list and archive are those of another one. */
export function copyOfRelease(release: string): string {
  const copy = mkdtempSync(join(tmpdir(), 'exo-release-'))
  cpSync(release, copy, { recursive: true })
  return copy
}
