import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Log } from '../platform/log.ts'
import { errorMessage } from '../shared/app-error.ts'
import { parseRound } from './parse-round.ts'

/** The highest election round of this node, in its data folder. */
export function roundFile(dataDir: string, log: Pick<Log, 'warn'>): { read(): number; write(round: number): void } {
  const path = join(dataDir, 'election-round')
  return {
    read() {
      let text: string
      try {
        text = readFileSync(path, 'utf8')
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0
        throw error
      }
      try {
        return parseRound(text)
      } catch (error) {
        // The other nodes tell how far the rounds are.
        renameSync(path, `${path}.damaged`)
        log.warn('the file of the election round is damaged: it is set aside, and this node learns the round from the others', { path: `${path}.damaged`, reason: errorMessage(error) })
        return 0
      }
    },
    // At once: the messages that follow must not be sent before it is kept.
    write(round) {
      writeFileSync(`${path}.new`, String(round))
      renameSync(`${path}.new`, path)
    },
  }
}
