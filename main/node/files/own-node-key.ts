import { createHmac } from 'node:crypto'
import { chmod, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type DiskWatch, DurableFile } from '../../platform/files/durable-file.ts'
import type { Random } from '../../platform/random.ts'

const KEY = /^[0-9a-f]{64}$/
const KEY_BYTES = 32

const keyFileOf = (dataDir: string): string => join(dataDir, 'own-node-key')

/** The secret that a node and those who may read its data folder share: by it they know that they talk to that node. */
export async function ownNodeKey(
  dataDir: string,
  random: Pick<Random, 'bytes'>,
  log: { warn(message: string, fields: Record<string, unknown>): void },
  disk?: DiskWatch,
): Promise<string> {
  const path = keyFileOf(dataDir)
  const file = new DurableFile<string>({ path, parse: parseKey, format: (key) => `${key}\n`, watch: disk })
  const kept = await file.read().catch((error: unknown) => {
    log.warn('the key by which this node is known cannot be read: a new one is made', { error })
    return null
  })
  const key = kept ?? Buffer.from(random.bytes(KEY_BYTES)).toString('hex')
  // The node starts on a full disk too; the commands of this machine then take it for one of an older version.
  if (kept === null)
    await file.write(key).catch((error: unknown) => log.warn('the key by which this node is known could not be kept', { error }))
  if (kept !== null)
    await chmod(path, 0o600).catch((error: unknown) =>
      log.warn('the key by which this node is known may be readable by others', { path, error }),
    )
  return key
}

/** null where a node of an older version had the data folder last. */
export async function readOwnNodeKey(dataDir: string): Promise<string | null> {
  const text = await readFile(keyFileOf(dataDir), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
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

function parseKey(text: string): string {
  const key = text.trim()
  if (!KEY.test(key)) throw new Error('it is no key')
  return key
}
