import { createHmac } from 'node:crypto'
import { chmod, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { readIfPresent } from '../../platform/files/read-if-present.ts'
import { replaceFile } from '../../platform/files/replace-file.ts'
import type { Random } from '../../platform/random.ts'

const KEY = /^[0-9a-f]{64}$/
const KEY_BYTES = 32

const keyFileOf = (dataDir: string): string => join(dataDir, 'own-node-key')

/** The secret that a node and those who may read its data folder share while it runs: by it they know that they talk to that node. */
export async function ownNodeKey(
  dataDir: string,
  random: Pick<Random, 'bytes'>,
  log: { warn(message: string, fields: Record<string, unknown>): void },
): Promise<string> {
  const path = keyFileOf(dataDir)
  try {
    const kept = await readOwnNodeKey(dataDir)
    if (kept !== null) {
      await chmod(path, 0o600)
      return kept
    }
  } catch (error) {
    log.warn('the key by which this node is known cannot be read: a new one is made', { error })
  }
  const key = Buffer.from(random.bytes(KEY_BYTES)).toString('hex')
  try {
    await replaceFile(path, `${key}\n`)
  } catch (error) {
    // The node starts on a full disk too; the commands of this machine then take it for one of an older version.
    log.warn('the key by which this node is known could not be kept', { error })
  }
  return key
}

/** A node of an older version that has the data folder next knows no key. */
export async function forgetOwnNodeKey(dataDir: string): Promise<void> {
  await rm(keyFileOf(dataDir), { force: true })
}

/** null where a node of an older version had the data folder last. */
export async function readOwnNodeKey(dataDir: string): Promise<string | null> {
  const text = await readIfPresent(keyFileOf(dataDir))
  return text !== null && KEY.test(text.trim()) ? text.trim() : null
}

/**
 * What only the node of this key can say.
 *
 * @param port - at which it was asked: another program cannot pass the question on to the node and its answer back
 */
export function ownNodeProof(key: string, challenge: string, port: number): string {
  return createHmac('sha256', Buffer.from(key, 'hex')).update(`exo own node\n${port}\n${challenge}`).digest('hex')
}
