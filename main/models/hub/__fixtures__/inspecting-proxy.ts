import { webcrypto } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'

/** A TLS server in front of a plain HTTP server, with a certificate from a root that no machine trusts. */
export interface InspectingProxy {
  readonly url: string
  /** In PEM. */
  readonly rootCertificate: string
  close(): Promise<void>
}

export async function startInspectingProxy(targetUrl: string): Promise<InspectingProxy> {
  await import('reflect-metadata')
  const { BasicConstraintsExtension, cryptoProvider, PemConverter, SubjectAlternativeNameExtension, X509CertificateGenerator } =
    await import('@peculiar/x509')
  cryptoProvider.set(webcrypto)
  const signingAlgorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const makeKeys = () => webcrypto.subtle.generateKey(signingAlgorithm, true, ['sign', 'verify'])
  const valid = { notBefore: new Date('2020-01-01T00:00:00Z'), notAfter: new Date('2099-12-31T23:59:59Z'), signingAlgorithm }
  const [rootKeys, keys] = [await makeKeys(), await makeKeys()]
  const root = await X509CertificateGenerator.createSelfSigned({
    ...valid,
    name: 'CN=Office root',
    serialNumber: '01',
    keys: rootKeys,
    extensions: [new BasicConstraintsExtension(true, 1, true)],
  })
  const leaf = await X509CertificateGenerator.create({
    ...valid,
    subject: 'CN=hub',
    issuer: root.subject,
    serialNumber: '02',
    publicKey: keys.publicKey,
    signingKey: rootKeys.privateKey,
    extensions: [new SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])],
  })
  const key = PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY')
  const server = createServer({ key, cert: leaf.toString('pem') }, (request, response) => {
    const { host: _, ...headers } = request.headers
    const forwarded = httpRequest(new URL(request.url ?? '/', targetUrl), { method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    forwarded.on('error', () => response.destroy())
    request.pipe(forwarded)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    rootCertificate: root.toString('pem'),
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
