import { findOwnNode } from '../node/files/node-file.ts'
import { AppError } from '../shared/app-error.ts'
import { createNodeClient, type NodeClient } from './node-client.ts'

/** @throws AppError `not-running` if no node is running with this data folder */
export async function clientOfRunningNode(dataDir: string): Promise<NodeClient> {
  const node = await findOwnNode(dataDir)
  if (!node) throw new AppError('not-running', `No node is running with ${dataDir}. Start one with: exo`)
  return createNodeClient(node.apiUrl, node.apiToken)
}
