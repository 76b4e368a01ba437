import { type NodeFile, readNodeFile } from '../../node/files/node-file.ts'
import { askOwnNode } from '../../node/files/check-own-node.ts'
import type { Clock } from '../../platform/clock.ts'

const LOOK_MS = 1_000
const PROOF_LIMIT_MS = 10_000

export interface FollowOtherNodeOptions {
  readonly dataDir: string
  readonly clock: Pick<Clock, 'sleep'>
  /** Called with the first node, and with each that replaces it. */
  readonly onNode: (node: NodeFile) => void
}

/**
 * Follows a node that another program has started on a data folder. Resolves when no node is running there; rejects
 * when `signal` aborts.
 */
export async function followOtherNode({ dataDir, clock, onNode }: FollowOtherNodeOptions, signal: AbortSignal): Promise<void> {
  let known: NodeFile | null = null
  for (;;) {
    const node = await readNodeFile(dataDir)
    signal.throwIfAborted()
    if (node === null) return
    if (node.processId !== known?.processId || node.apiUrl !== known.apiUrl) {
      // A busy node is asked again on the next check.
      if ((await askOwnNode(dataDir, node.apiUrl, PROOF_LIMIT_MS)) === 'own') {
        signal.throwIfAborted()
        onNode(node)
        known = node
      }
    }
    await clock.sleep(LOOK_MS, signal)
  }
}
