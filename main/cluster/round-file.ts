import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The highest election round of this node, in its data folder. */
export function roundFile(dataDir: string): { read(): number; write(round: number): void } {
  const path = join(dataDir, 'election-round')
  return {
    read() {
      try {
        const round = Number(readFileSync(path, 'utf8'))
        return Number.isSafeInteger(round) && round > 0 ? round : 0
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0
        throw error
      }
    },
    // At once: the messages that follow must not be sent before it is kept.
    write(round) {
      writeFileSync(`${path}.new`, String(round))
      renameSync(`${path}.new`, path)
    },
  }
}
