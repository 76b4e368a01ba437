// sign-release.mjs FOLDER VERSION, with EXO_UPDATE_KEY: signs packages that several machines have built. Runs on Node 24.
import { Buffer } from 'node:buffer'
import { createHash, sign } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { projectDir } from '../../project-paths.mjs'
import { headlessFeed } from './headless-feed.mjs'
import { givenUpdateKey, publicPem } from './sign-update-feed.mjs'
import { sshPublicKey, sshSignature } from './ssh-signature.mjs'

/**
 * Writes the checksums of the packages in a folder, signed if there is a key, the list that `exo update` reads, and the script that
 * checks and installs.
 *
 * @param {string} folder
 * @param {string} version
 * @param {import('node:crypto').KeyObject | null} key - Ed25519
 */
export function signRelease(folder, version, key) {
  const sums = readdirSync(folder)
    .filter((name) => /\.(gz|tgz|deb|rpm|whl)$/.test(name))
    .sort()
    .map((name) => `${hashOf(join(folder, name))}  ${name}\n`)
    .join('')
  writeFileSync(join(folder, 'SHA256SUMS'), sums)
  if (key) {
    writeFileSync(join(folder, 'SHA256SUMS.sig'), sign(null, Buffer.from(sums), key))
    writeFileSync(join(folder, 'SHA256SUMS.sshsig'), sshSignature(sums, key))
    writeFileSync(join(folder, 'latest-headless.json'), headlessFeed(folder, version, key))
  }
  const script = readFileSync(join(projectDir, 'setup', 'package', 'headless', 'install.sh'), 'utf8')
  const keyed = script.replace('@PUBLIC_KEY@', key ? publicPem(key).trim() : '').replace('@SSH_PUBLIC_KEY@', key ? sshPublicKey(key) : '')
  writeFileSync(join(folder, 'install.sh'), keyed, { mode: 0o755 })
}

/** @param {string} file */
function hashOf(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [folder = '.', version = ''] = process.argv.slice(2)
  signRelease(folder, version, givenUpdateKey(process.env))
}
