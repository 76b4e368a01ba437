import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { z } from 'zod'
import { AppError } from '../../shared/app-error.ts'

/** The fields of an update feed that this program uses. The other fields are for the user and for older apps. */
const OfferedUpdate = z.object({
  version: z.string().regex(/^\d+\.\d+\.\d+[\w.+-]*$/),
  files: z
    .array(
      z.object({
        url: z.string().min(1).max(1024),
        sha512: z.string().regex(/^[A-Za-z0-9+/]{86}==$/),
        /** In bytes; not signed, only for progress. */
        size: z.number().int().positive().optional(),
      }),
    )
    .min(1)
    .max(64),
})
export type VerifiedUpdate = z.infer<typeof OfferedUpdate>
const Signature = z.object({ signature: z.string().regex(/^[A-Za-z0-9+/]{86}==$/) })

/** The signed data: the version and each file's checksum, so that no other file or version can replace them. */
function signedText(update: unknown): Buffer {
  const { version, files } = OfferedUpdate.parse(update)
  return Buffer.from(JSON.stringify(['exo update', version, files.map(({ url, sha512 }) => [url, sha512])]))
}

/** @param privateKey - Ed25519 @returns the signature in base64 */
export function signUpdate(update: unknown, privateKey: KeyObject): string {
  return sign(null, signedText(update), privateKey).toString('base64')
}

/**
 * @returns what the publisher has signed
 * @throws AppError `update-not-signed` if the update is not signed with this key
 */
export function verifyUpdate(update: unknown, publicKeyPem: string): VerifiedUpdate {
  try {
    const { signature } = Signature.parse(update)
    const key = createPublicKey(publicKeyPem)
    if (key.asymmetricKeyType !== 'ed25519') throw new Error('the key has another type')
    if (verify(null, signedText(update), key, Buffer.from(signature, 'base64'))) return OfferedUpdate.parse(update)
  } catch (cause) {
    throw refusal(cause)
  }
  throw refusal()
}

function refusal(cause?: unknown): AppError {
  return new AppError(
    'update-not-signed',
    'The update is not signed by the publisher of this app and was rejected. If this persists, download the app again.',
    {},
    cause,
  )
}
