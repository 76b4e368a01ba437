import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto'
import { chmod, link, mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { readRegularText } from '../../platform/files/regular-file.ts'
import type { DiskWatch } from '../../platform/files/durable-file.ts'
import { systemFiles } from '../../platform/files/file-port.ts'
import { isUnsupportedLink } from '../../platform/files/place-link.ts'
import { readIfPresent } from '../../platform/files/read-if-present.ts'
import { toDiskError } from '../../platform/files/to-disk-error.ts'
import type { Log } from '../../platform/log/log.ts'
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
  readonly disk?: DiskWatch
}

export interface OpenedIdentity extends NodeIdentity {
  /** Null if the identity is stored. Otherwise it lasts only until the node ends, unless a call of this succeeds. */
  readonly keep: (() => Promise<void>) | null
}

/**
 * The identity of the node with this data folder, created on first use in `identity.pem` (0600; the folder is created
 * with 0700). The node starts even if the disk cannot store a new identity.
 *
 * @throws AppError `identity-damaged` if the file exists but is not a key with its certificate. It is never replaced
 *   automatically: the other nodes would see another node.
 */
export async function openIdentity(dataDir: string, { log, random, disk }: IdentityDependencies): Promise<OpenedIdentity> {
  const path = join(dataDir, 'identity.pem')
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  await closeToOthers(dataDir, 0o700, log)
  const found = await readIdentity(path)
  if (found !== null) {
    if (await closeToOthers(path, 0o600, log)) log.warn('other users of this machine could read the key of this node until now', { path })
    return { ...parseIdentity(found, path), keep: null }
  }
  const made = await createIdentityPem()
  /** @returns the stored identity, which another process may have created in the meantime */
  const keep = async (): Promise<string> => {
    try {
      const kept = await createFile(path, random.id('identity'), made)
      disk?.onWritten(path, null)
      return kept
    } catch (error) {
      const told = toDiskError(error, path)
      disk?.onWritten(path, told)
      throw told
    }
  }
  const kept = await keep().catch((error: unknown) => {
    if (!(error instanceof AppError)) throw error
    log.warn('the new identity of this node could not be saved; unless that succeeds later, the next start creates another one', {
      path,
      error,
    })
    return null
  })
  return { ...parseIdentity(kept ?? made, path), keep: kept === null ? async () => void (await keep()) : null }
}

async function readIdentity(path: string): Promise<string | null> {
  try {
    return await readIfPresent(path)
  } catch (error) {
    throw new AppError('identity-unreadable', `The node's identity in ${path} cannot be read: ${(error as Error).message}`, { path }, error)
  }
}

/** Writes the file completely or not at all, and never over one that another process has created in the meantime. */
async function createFile(path: string, temporaryName: string, pem: string): Promise<string> {
  const temporaryPath = `${path}.${temporaryName}`
  const file = await open(temporaryPath, 'wx', 0o600)
  try {
    await file.writeFile(pem)
    await file.sync()
    await placeWithoutReplacing(temporaryPath, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await file.close()
    await rm(temporaryPath, { force: true })
  }
  await systemFiles.syncFolder(dirname(path))
  return readRegularText(path)
}

async function placeWithoutReplacing(temporaryPath: string, path: string): Promise<void> {
  try {
    await link(temporaryPath, path)
  } catch (error) {
    // The disk does not support hard links (exFAT, some shares).
    if (!isUnsupportedLink(error)) throw error
    if ((await readIdentity(path)) === null) await rename(temporaryPath, path)
  }
}

/** @returns whether other users had access, which is now removed */
async function closeToOthers(path: string, mode: number, log: IdentityDependencies['log']): Promise<boolean> {
  if (((await stat(path)).mode & 0o077) === 0) return false
  try {
    await chmod(path, mode)
    return true
  } catch (error) {
    log.warn(
      `other users of this machine can access ${path}, which holds the key of this node, and its mode ` +
        `cannot be changed; run: chmod ${mode.toString(8)} '${path}'`,
      { error },
    )
    return false
  }
}

function parseIdentity(pem: string, path: string): NodeIdentity {
  const block = (label: string): string => new RegExp(`-----BEGIN ${label}-----[^-]+-----END ${label}-----`).exec(pem)?.[0] ?? ''
  const [privateKeyPem, certificatePem] = [block('PRIVATE KEY'), block('CERTIFICATE')]
  try {
    const nodeId = fingerprintPublicKey(createPublicKey(createPrivateKey(privateKeyPem)))
    const certified = new X509Certificate(certificatePem).publicKey
    if (certified.asymmetricKeyType !== 'ed25519' || fingerprintPublicKey(certified) !== nodeId)
      throw new Error('its certificate belongs to another key')
    return { nodeId, privateKeyPem, certificatePem }
  } catch (cause) {
    const advice = `Put the file back from a backup, or move it away to start as a new node: mv '${path}' '${path}.damaged'`
    throw new AppError('identity-damaged', `The node's identity in ${path} is damaged. ${advice}`, { path }, cause)
  }
}
