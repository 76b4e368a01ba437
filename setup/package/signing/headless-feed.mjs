import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { signUpdate } from '../../../main/platform/files/update-signature.ts'

/**
 * What `exo update` reads: the version of a release and its archives, signed. Archives of other systems, built elsewhere, may lie
 * in the same folder; the feed is then written once more over all of them.
 *
 * @param {string} folder
 * @param {string} version
 * @param {import('node:crypto').KeyObject} key - Ed25519
 * @returns {string} `latest-headless.json`
 */
export function headlessFeed(folder, version, key) {
  const files = readdirSync(folder)
    .filter((name) => name.startsWith(`exo-${version}-`) && name.endsWith('.tar.gz'))
    .sort()
    .map((url) => {
      const bytes = readFileSync(join(folder, url))
      return { url, sha512: createHash('sha512').update(bytes).digest('base64'), size: bytes.length }
    })
  const update = { version, files }
  return `${JSON.stringify({ ...update, signature: signUpdate(update, key) }, null, 2)}\n`
}
