import { createHash, generateKeyPairSync } from 'node:crypto'
import { signUpdate, verifyUpdate } from '../main/platform/files/update-signature.ts'
import { AppError } from '../main/shared/app-error.ts'
import type { FuzzTarget } from './fuzz-target.ts'

const { publicKey, privateKey } = generateKeyPairSync('ed25519')
const key = publicKey.export({ type: 'spki', format: 'pem' }).toString()
const sha512 = createHash('sha512').update('archive').digest('base64')
const update = { version: '1.2.3', files: [{ url: 'exo-1.2.3-linux-x64.tar.gz', sha512, size: 7 }] }
const signed = { ...update, signature: signUpdate(update, privateKey) }

export default {
  seeds: [signed, { ...signed, files: [...signed.files, ...signed.files] }, { ...signed, version: '1.2.4' }, update].map((json) =>
    JSON.stringify(json),
  ),
  words: ['"version":"9.9.9"', '"signature":', '"url":"../../', '"files":[', '"__proto__":', '"sha512":"'],
  run(bytes) {
    let offered: unknown
    try {
      offered = JSON.parse(bytes.toString('utf8'))
    } catch {
      return
    }
    try {
      const { version, files } = verifyUpdate(offered, key)
      const facts = [version, ...files.flatMap(({ url, sha512: sum }) => [url, sum])]
      if (JSON.stringify(facts) !== JSON.stringify([update.version, update.files[0]?.url, sha512]))
        throw new Error('an update that was not signed is accepted')
    } catch (error) {
      if (!(error instanceof AppError)) throw error
    }
  },
} satisfies FuzzTarget
