import { execFile } from 'node:child_process'
import tls from 'node:tls'
import { promisify } from 'node:util'
import { readRegularText } from '../files/regular-file.ts'

const KEYCHAINS = ['/System/Library/Keychains/SystemRootCertificates.keychain', '/Library/Keychains/System.keychain']
/** The certificate bundles of Linux distributions. */
const BUNDLES = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/ca-bundle.pem', '/etc/ssl/cert.pem']
const KEYCHAIN_LIMIT_MS = 10_000
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/**
 * The root certificates trusted on this machine, as PEM: Node's own, the system's, and those in the files. A network
 * that inspects TLS installs its root only in the system's store, which Node does not read.
 */
export async function trustedCertificates(paths: readonly string[], platform: NodeJS.Platform = process.platform): Promise<string[]> {
  const files = await Promise.all(paths.map(certificatesIn))
  return [...new Set([...tls.rootCertificates, ...(await systemCertificates(platform)), ...files.flat()])]
}

async function systemCertificates(platform: NodeJS.Platform): Promise<readonly string[]> {
  // Node 20, which is bundled with the app, lacks this function.
  const { getCACertificates } = tls as { getCACertificates?: (type: 'system') => string[] }
  if (getCACertificates) return getCACertificates('system')
  if (platform !== 'darwin') return (await Promise.all(BUNDLES.map(certificatesIn))).flat()
  const read = promisify(execFile)('/usr/bin/security', ['find-certificate', '-a', '-p', ...KEYCHAINS], {
    timeout: KEYCHAIN_LIMIT_MS,
    maxBuffer: 64 << 20,
  })
  return read.then(
    ({ stdout }) => stdout.match(CERTIFICATE) ?? [],
    () => [],
  )
}

/** Empty if the file does not exist: another variable or the system may provide certificates. */
async function certificatesIn(path: string): Promise<string[]> {
  return readRegularText(path).then(
    (text) => text.match(CERTIFICATE) ?? [],
    () => [],
  )
}
