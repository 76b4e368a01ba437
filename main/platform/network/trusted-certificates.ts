import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import tls from 'node:tls'
import { promisify } from 'node:util'

const KEYCHAINS = ['/System/Library/Keychains/SystemRootCertificates.keychain', '/Library/Keychains/System.keychain']
/** Where distributions of Linux keep theirs. */
const BUNDLES = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/ca-bundle.pem', '/etc/ssl/cert.pem']
const KEYCHAIN_LIMIT_MS = 10_000
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/**
 * The root certificates that count on this machine, as PEM: Node's own, the system's, and those of the files. A network that
 * inspects TLS has its own root in the system alone, where Node does not look.
 */
export async function trustedCertificates(paths: readonly string[], platform: NodeJS.Platform = process.platform): Promise<string[]> {
  const files = await Promise.all(paths.map(certificatesIn))
  return [...new Set([...tls.rootCertificates, ...(await systemCertificates(platform)), ...files.flat()])]
}

async function systemCertificates(platform: NodeJS.Platform): Promise<readonly string[]> {
  // Node 20, which the app brings, cannot ask.
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

/** None where there is no such file: another variable or the system may do. */
async function certificatesIn(path: string): Promise<string[]> {
  return readFile(path, 'utf8').then(
    (text) => text.match(CERTIFICATE) ?? [],
    () => [],
  )
}
