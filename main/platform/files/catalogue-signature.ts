import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { AppError } from '../../shared/app-error.ts'

/** Keeps a signature of a catalogue from counting as one of an update, and the reverse. */
const PURPOSE = Buffer.from('exo catalogue\n')
const SIGNATURE = /^[A-Za-z0-9+/]{86}==$/

/** @param privateKey - Ed25519 @returns the signature in base64 */
export function signCatalogue(catalogue: Uint8Array, privateKey: KeyObject): string {
  return sign(null, Buffer.concat([PURPOSE, catalogue]), privateKey).toString('base64')
}

/** @throws AppError `catalogue-not-signed` if the bytes are not signed with this key */
export function verifyCatalogue(catalogue: Uint8Array, signature: string, publicKeyPem: string): void {
  try {
    const key = createPublicKey(publicKeyPem)
    if (key.asymmetricKeyType !== 'ed25519') throw new Error('the key has another type')
    if (!SIGNATURE.test(signature.trim())) throw new Error('the signature has another form')
    if (verify(null, Buffer.concat([PURPOSE, catalogue]), key, Buffer.from(signature.trim(), 'base64'))) return
  } catch (cause) {
    throw refusal(cause)
  }
  throw refusal()
}

function refusal(cause?: unknown): AppError {
  return new AppError(
    'catalogue-not-signed',
    'The catalogue is not signed with the key of its publisher and was rejected. Check the address, and the file given with --key.',
    {},
    cause,
  )
}
