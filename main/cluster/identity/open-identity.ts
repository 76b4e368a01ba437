import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto'
import { link, mkdir, open, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Log } from '../../platform/log.ts'
import type { Random } from '../../platform/random.ts'
import { AppError } from '../../shared/app-error.ts'
import type { NodeId } from '../../shared/ids.ts'
import { createIdentityPem } from './create-identity-pem.ts'
import { fingerprintPublicKey } from './fingerprint-public-key.ts'

export interface NodeIdentity {
  readonly nodeId: NodeId
  readonly privateKeyPem: string
  readonly certificatePem: string
}

export interface IdentityDependencies {
  readonly log: Pick<Log, 'warn'>
  readonly random: Pick<Random, 'id'>
}

/**
 * The identity of the node with this data folder, made on first use in `identity.pem` (0600; the folder 0700).
 *
 * @throws AppError `identity-damaged` when the file is there but is no key with its certificate. It is never replaced by
 *   itself: to the other nodes that would be another node.
 */
export async function openIdentity(dataDir: string, { log, random }: IdentityDependencies): Promise<NodeIdentity> {
  const path = join(dataDir, 'identity.pem')
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const pem = (await readIfPresent(path)) ?? (await createFile(path, random.id('identity')))
  await reportLoosePermissions(dataDir, '700', log)
  await reportLoosePermissions(path, '600', log)
  return parseIdentity(pem, path)
}

async function readIfPresent(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new AppError('identity-unreadable', `The node's identity in ${path} cannot be read: ${(error as Error).message}`, { path }, error)
  }
}

/** Whole or not at all, and never over a file that another process has made meanwhile. */
async function createFile(path: string, temporaryName: string): Promise<string> {
  const temporaryPath = `${path}.${temporaryName}`
  const file = await open(temporaryPath, 'wx', 0o600)
  try {
    await file.writeFile(await createIdentityPem())
    await file.sync()
    await link(temporaryPath, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await file.close()
    await rm(temporaryPath, { force: true })
  }
  return readFile(path, 'utf8')
}

async function reportLoosePermissions(path: string, mode: string, log: IdentityDependencies['log']): Promise<void> {
  const found = (await stat(path)).mode & 0o777
  if ((found & 0o077) === 0) return
  log.warn(`others on this machine can get at ${path}, which holds the key of this node; run: chmod ${mode} '${path}'`, { mode: found.toString(8) })
}

function parseIdentity(pem: string, path: string): NodeIdentity {
  const block = (label: string): string => new RegExp(`-----BEGIN ${label}-----[^-]+-----END ${label}-----`).exec(pem)?.[0] ?? ''
  const [privateKeyPem, certificatePem] = [block('PRIVATE KEY'), block('CERTIFICATE')]
  try {
    const nodeId = fingerprintPublicKey(createPublicKey(createPrivateKey(privateKeyPem)))
    const certified = new X509Certificate(certificatePem).publicKey
    if (certified.asymmetricKeyType !== 'ed25519' || fingerprintPublicKey(certified) !== nodeId) throw new Error('its certificate is of another key')
    return { nodeId, privateKeyPem, certificatePem }
  } catch (cause) {
    const cure = `Put the file back from a backup, or move it away to start as a new node: mv '${path}' '${path}.damaged'`
    throw new AppError('identity-damaged', `The node's identity in ${path} is damaged. ${cure}`, { path }, cause)
  }
}
