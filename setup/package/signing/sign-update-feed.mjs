import { createPrivateKey, createPublicKey } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { signUpdate } from '../../../main/platform/files/update-signature.ts'
import { SetupError } from '../../setup-error.mjs'

/**
 * The key that signs updates. Create one with: openssl genpkey -algorithm ed25519
 *
 * @param {Readonly<Record<string, string | undefined>>} environment - EXO_UPDATE_KEY: the key as PEM, or the path of its file
 * @returns {import('node:crypto').KeyObject}
 */
export function updateKey(environment) {
  const given = environment['EXO_UPDATE_KEY'] ?? ''
  if (given === '')
    throw new SetupError('An update feed needs a signing key: set EXO_UPDATE_KEY to an Ed25519 key (PEM) or the path of its file.')
  const key = createPrivateKey(existsSync(given) ? readFileSync(given, 'utf8') : given)
  if (key.asymmetricKeyType !== 'ed25519')
    throw new SetupError('EXO_UPDATE_KEY is not an Ed25519 key. Create one: openssl genpkey -algorithm ed25519')
  return key
}

/** The same key; null: none is given, as for a development build. @param {Readonly<Record<string, string | undefined>>} environment */
export function givenUpdateKey(environment) {
  return environment['EXO_UPDATE_KEY'] ? updateKey(environment) : null
}

/**
 * The public key with which the app checks signatures.
 *
 * @param {import('node:crypto').KeyObject} key
 */
export function publicPem(key) {
  return createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString()
}

/**
 * Signs the updates that are listed in a folder's feed files.
 *
 * @param {string} folder
 * @param {import('node:crypto').KeyObject} key
 * @returns {string[]} the names of those files
 */
export function signUpdateFeed(folder, key) {
  const names = readdirSync(folder).filter((name) => /^latest-(linux|mac).*\.yml$/.test(name))
  for (const name of names) {
    const text = readFileSync(join(folder, name), 'utf8').replace(/^signature: .*\n/m, '')
    writeFileSync(join(folder, name), `${text.replace(/\n?$/, '\n')}signature: ${signUpdate(parse(text), key)}\n`)
  }
  return names
}
