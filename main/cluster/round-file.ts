import { join } from 'node:path'
import { type DiskWatch, DurableFile } from '../platform/files/durable-file.ts'
import type { Log } from '../platform/log/log.ts'
import { errorCode, errorMessage } from '../shared/app-error.ts'
import { parseRound } from './parse-round.ts'

/** The highest election round of this node. */
export interface KeptRound {
  /** The round stored by an earlier run; 0 if there is none. */
  readonly kept: number
  /** Resolves when the round is safe from a power loss. */
  keep(round: number): Promise<void>
}

/**
 * The round file in the node's data folder. On a full disk it is written into the space of its backup, because a node
 * on its own must still be able to lead.
 */
export async function openRoundFile(dataDir: string, log: Pick<Log, 'warn'>, watch?: DiskWatch): Promise<KeptRound> {
  const path = join(dataDir, 'election-round')
  const file = new DurableFile<number>({ path, parse: parseRound, format: String, spendsCopy: true, watch })
  const kept = await file.read().catch(async (error: unknown) => {
    if (errorCode(error) !== 'file-damaged') throw error
    // The other nodes report the current round.
    const aside = await file.setAside()
    log.warn('the election round file is damaged: it is set aside, and this node learns the round from its peers', {
      path: aside,
      reason: errorMessage(error),
    })
    return 0
  })
  return { kept: kept ?? 0, keep: (round) => file.write(round) }
}
