import { generateKeyPairSync } from 'node:crypto'
import { expect, it } from 'vitest'
import { signCatalogue, verifyCatalogue } from './catalogue-signature.ts'
import { signUpdate } from './update-signature.ts'

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
const catalogue = Buffer.from('{"format":1}')
const refused = expect.objectContaining({ code: 'catalogue-not-signed' }) as Error

it('verifies what was signed, and nothing else', () => {
  const signature = signCatalogue(catalogue, privateKey)
  expect(() => verifyCatalogue(catalogue, `${signature}\n`, pem)).not.toThrow()
  expect(() => verifyCatalogue(Buffer.from('{"format":2}'), signature, pem)).toThrow(refused)
  for (const other of ['', 'AAAA', signature.replace(/^./, (letter) => (letter === 'A' ? 'B' : 'A')), `${signature} x`])
    expect(() => verifyCatalogue(catalogue, other, pem)).toThrow(refused)
})

it('refuses other keys and other kinds of keys', () => {
  const signature = signCatalogue(catalogue, privateKey)
  const others = [generateKeyPairSync('ed25519').publicKey, generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey]
  for (const key of [...others.map((other) => other.export({ type: 'spki', format: 'pem' }).toString()), 'no key', ''])
    expect(() => verifyCatalogue(catalogue, signature, key)).toThrow(refused)
})

it('is no signature of an update', () => {
  const update = { version: '1.2.3', files: [{ url: 'exo.AppImage', sha512: `${'A'.repeat(86)}==` }] }
  expect(() => verifyCatalogue(Buffer.from(JSON.stringify(update)), signUpdate(update, privateKey), pem)).toThrow(refused)
})
