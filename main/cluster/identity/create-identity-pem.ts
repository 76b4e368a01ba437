import { webcrypto } from 'node:crypto'

/**
 * A new Ed25519 key and its self-signed certificate, as two PEM blocks.
 *
 * The certificate never expires and contains no facts about its node: peers check only its key, which TLS proves.
 */
export async function createIdentityPem(): Promise<string> {
  // Imported here because it takes 100 ms and a node creates its identity only once. The library needs Reflect's metadata first.
  await import('reflect-metadata')
  const { PemConverter, X509CertificateGenerator, cryptoProvider } = await import('@peculiar/x509')
  cryptoProvider.set(webcrypto)
  const keys = await webcrypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])
  if (!('privateKey' in keys)) throw new TypeError('Ed25519 keys come in pairs')
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=exo node',
    serialNumber: '01',
    notBefore: new Date('2020-01-01T00:00:00Z'),
    notAfter: new Date('9999-12-31T23:59:59Z'),
    signingAlgorithm: { name: 'Ed25519' },
    keys,
  })
  const privateKey = PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY')
  return `${privateKey}\n${certificate.toString('pem')}\n`
}
