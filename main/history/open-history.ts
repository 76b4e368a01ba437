import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import type { History } from './history.ts'
import { historyFolder } from './history-folder.ts'
import { defaultHistoryLimits, type HistoryDependencies, type HistoryOptions } from './history-options.ts'
import { createInferenceIds, ORIGINS } from './inference-ids.ts'
import { LakeHistory } from './lake-history.ts'
import { offHistory } from './off-history.ts'

/** Opens the history of a node; if that fails, returns a disabled one with the reason. Never throws. */
export async function openHistory(options: HistoryOptions, dependencies: HistoryDependencies): Promise<History> {
  const { log, random } = dependencies
  const off = (reason: string): History => {
    log.warn('history is off', { reason })
    return offHistory(reason)
  }
  if (!existsSync(options.extensionFile))
    return off(`DuckDB's ducklake extension is not on this machine (${options.extensionFile}). Run ./exo once with an internet connection.`)
  const folder = historyFolder(options.dir)
  try {
    const digest = createHash('sha256').update(options.nodeId).update(random.bytes(16)).digest()
    const history = new LakeHistory(
      folder,
      options,
      { ...defaultHistoryLimits, ...options.limits },
      createInferenceIds(digest.readUInt16BE() % ORIGINS),
      dependencies,
    )
    await history.start()
    return history
  } catch (error) {
    log.error('history cannot use its folder', { dir: options.dir, error })
    return off(`Its folder ${options.dir} cannot be used: ${(error as Error).message}`)
  }
}
