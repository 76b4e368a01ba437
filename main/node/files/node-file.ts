import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { isProcessAlive } from '../../platform/processes/is-process-alive.ts'
import { refusesConnections } from '../../platform/network/refuses-connections.ts'
import { readIfPresent } from '../../platform/files/read-if-present.ts'
import { replaceFile } from '../../platform/files/replace-file.ts'
import { toDiskError } from '../../platform/files/to-disk-error.ts'
import { AppError } from '../../shared/app-error.ts'
import { parseJsonOrNull } from '../../shared/formats/parse-json-or-null.ts'
import { askOwnNode, checkOwnNode } from './check-own-node.ts'
import { forgetOwnNodeKey } from './own-node-key.ts'

/** The address of the running node, for command-line tools of the same user. */
export const NodeFile = z.strictObject({
  processId: z.int().min(1),
  nodeId: z.string(),
  version: z.string(),
  apiUrl: z.url(),
  apiToken: z.string().nullable(),
})
export type NodeFile = z.infer<typeof NodeFile>

/** A node that is busy for longer still counts as running. */
const PROOF_LIMIT_MS = 2_000

export const nodeFileOf = (dataDir: string): string => join(dataDir, 'node.json')

/**
 * The node that runs with this data folder, or null. A file left behind by a killed node counts as none, even if
 * another program now has its process id, as after a restart of the machine: the file exists only while the API
 * listens, and the listener proves that it is this node.
 */
export async function readNodeFile(dataDir: string): Promise<NodeFile | null> {
  const text = await readIfPresent(nodeFileOf(dataDir))
  if (text === null) return null
  // A truncated file was left by a node that died while writing it.
  const parsed = NodeFile.safeParse(parseJsonOrNull(text))
  if (!parsed.success || !isProcessAlive(parsed.data.processId)) return null
  if (await refusesConnections(new URL(parsed.data.apiUrl))) return null
  return (await askOwnNode(dataDir, parsed.data.apiUrl, PROOF_LIMIT_MS)) === 'other' ? null : parsed.data
}

/**
 * The node that runs with this data folder and has just proven its identity, so it can be called.
 *
 * @throws AppError `not-own-node`
 */
export async function findOwnNode(dataDir: string): Promise<NodeFile | null> {
  const node = await readNodeFile(dataDir)
  if (node) await checkOwnNode(dataDir, node.apiUrl)
  return node
}

export function alreadyRunning(dataDir: string, other: NodeFile): AppError {
  return new AppError(
    'already-running',
    `A node already runs with ${dataDir} (process ${other.processId}, ${other.apiUrl}). Use it, stop it, ` +
      'or start this one with another --data-dir.',
    { processId: other.processId, apiUrl: other.apiUrl },
  )
}

/**
 * Claims the data folder for this node.
 *
 * @throws AppError `already-running` if another live node uses it
 */
export async function claimDataDir(dataDir: string, file: NodeFile): Promise<void> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const other = await readNodeFile(dataDir)
  if (other && other.processId !== file.processId) {
    throw alreadyRunning(dataDir, other)
  }
  try {
    await replaceFile(nodeFileOf(dataDir), JSON.stringify(file))
  } catch (error) {
    throw toDiskError(error, nodeFileOf(dataDir))
  }
}

export async function releaseDataDir(dataDir: string): Promise<void> {
  await rm(nodeFileOf(dataDir), { force: true })
  await forgetOwnNodeKey(dataDir)
}
