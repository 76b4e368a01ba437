import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { signUpdate, verifyUpdate } from './update-signature.ts'

const makers = generateKeyPairSync('ed25519')
const others = generateKeyPairSync('ed25519')
const pem = (pair: typeof makers): string => pair.publicKey.export({ type: 'spki', format: 'pem' }).toString()
const sha512 = (letter: string): string => `${letter.repeat(86)}==`
const update = {
  version: '1.2.3',
  files: [
    { url: 'exo.AppImage', sha512: sha512('a'), size: 5 },
    { url: 'exo.deb', sha512: sha512('b') },
  ],
  path: 'exo.AppImage',
}
const signed = { ...update, signature: signUpdate(update, makers.privateKey) }

describe('verifyUpdate', () => {
  it('takes what the makers signed, also with fields that decide nothing', () => {
    expect(() => verifyUpdate(signed, pem(makers))).not.toThrow()
    expect(() => verifyUpdate({ ...signed, releaseNotes: 'new' }, pem(makers))).not.toThrow()
  })
  it.each<[string, unknown]>([
    ['without a signature', update],
    ['of others', { ...update, signature: signUpdate(update, others.privateKey) }],
    ['of another version', { ...signed, version: '1.2.4' }],
    ['of another file', { ...signed, files: [{ url: 'exo.AppImage', sha512: sha512('c') }, update.files[1]] }],
    ['with a file more', { ...signed, files: [...update.files, { url: 'x', sha512: sha512('d') }] }],
    [
      'with the files renamed',
      {
        ...signed,
        files: [
          { ...update.files[0], url: 'exo.deb' },
          { ...update.files[1], url: 'exo.AppImage' },
        ],
      },
    ],
    ['with an empty signature', { ...signed, signature: '' }],
    ['with a signature that is not text', { ...signed, signature: { length: 88 } }],
    ['without files', { version: '1.2.3', path: 'x', sha512: sha512('a'), signature: signed.signature }],
    ['that is nothing', null],
  ])('E: refuses one %s', (_, offered) => {
    expect(() => verifyUpdate(offered, pem(makers))).toThrow(expect.objectContaining({ code: 'update-not-signed' }))
  })
  it('E: refuses all with a key that is damaged or of another kind', () => {
    for (const key of [
      '',
      'no key',
      generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    ]) {
      expect(() => verifyUpdate(signed, key)).toThrow(expect.objectContaining({ code: 'update-not-signed' }))
    }
  })
})
