import { keepTrying } from '../../platform/waiting/keep-trying.ts'
import { errorCode } from '../../shared/app-error.ts'
import { version } from '../../shared/version.ts'
import { claimDataDir, nodeFileOf, releaseDataDir } from '../files/node-file.ts'
import type { NodeLife } from './node-life.ts'
import { DISK_RETRY_MS, type NodeSurroundings } from './node-surroundings.ts'
import type { NodeFiles } from './open-node-files.ts'

/**
 * Writes the file by which commands on this machine find the node, and removes it when the node stops.
 *
 * @throws AppError `already-running`
 */
export async function claimDataFolder(
  { config, clock, disk }: Pick<NodeSurroundings, 'config' | 'clock' | 'disk'>,
  { identity, apiToken }: Pick<NodeFiles, 'identity' | 'apiToken'>,
  apiUrl: string,
  life: NodeLife,
): Promise<void> {
  const { dataDir } = config
  const claim = (): Promise<void> =>
    disk.watch(nodeFileOf(dataDir), () =>
      claimDataDir(dataDir, { processId: process.pid, nodeId: identity.nodeId, version, apiUrl, apiToken }),
    )
  await claim().catch((error: unknown) => {
    if (errorCode(error) === 'already-running') throw error
    // The node serves without the file; only commands on this machine cannot find it yet.
    void keepTrying(claim, DISK_RETRY_MS, clock, life.signal)
  })
  life.onStop(() => releaseDataDir(dataDir))
}
