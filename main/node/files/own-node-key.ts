import { createHmac } from 'node:crypto'
import { chmod, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { readIfPresent } from '../../platform/files/read-if-present.ts'
import { replaceFile } from '../../platform/files/replace-file.ts'
import type { Random } from '../../platform/random.ts'

const KEY = /^[0-9a-f]{64}$/
const KEY_BYTES = 32

const keyFileOf = (dataDir: string): string => join(dataDir, 'own-node-key')

/**
 * The secret shared by a running node and the programs that may read its data folder, with which they verify that they
 * talk to that node.
 */
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
    log.warn("the node's key cannot be read, creating a new one", { error })
  }
  const key = Buffer.from(random.bytes(KEY_BYTES)).toString('hex')
  try {
    await replaceFile(path, `${key}\n`)
  } catch (error) {
    // The node also starts on a full disk; programs on this machine then treat it as a node of an older version.
    log.warn("the node's key could not be saved", { error })
  }
  return key
}

/** Deletes the key, because a node of an older version that uses the data folder next does not know it. */
export async function forgetOwnNodeKey(dataDir: string): Promise<void> {
  await rm(keyFileOf(dataDir), { force: true })
}

/** null if a node of an older version used the data folder last. */
export async function readOwnNodeKey(dataDir: string): Promise<string | null> {
  const text = await readIfPresent(keyFileOf(dataDir))
  return text !== null && KEY.test(text.trim()) ? text.trim() : null
}

/**
 * A proof that only the node with this key can give.
 *
 * @param port - the port that received the challenge: another program cannot relay the challenge to the node and the
 *   answer back
 */
export function ownNodeProof(key: string, challenge: string, port: number): string {
  return createHmac('sha256', Buffer.from(key, 'hex')).update(`exo own node\n${port}\n${challenge}`).digest('hex')
}
