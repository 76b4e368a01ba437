import type { Clock } from '../../platform/clock.ts'
import { errorMessage } from '../../shared/app-error.ts'
import type { Terminal } from '../terminal.ts'

const CLEAR = '\x1b[H\x1b[2J\x1b[3J'

export interface WatchedListing {
  /** The whole text of the listing. */
  readonly read: () => Promise<string>
  readonly terminal: Pick<Terminal, 'write' | 'line'>
  readonly clock: Pick<Clock, 'sleep'>
  readonly intervalMs: number
  /** Redraws one screen; otherwise prints each picture after the other, as for a file. */
  readonly isScreen: boolean
}

/** Shows a listing again and again until `signal` aborts. A failure is shown and does not end it: the node may restart meanwhile. */
export async function watchListing({ read, terminal, clock, intervalMs, isScreen }: WatchedListing, signal: AbortSignal): Promise<void> {
  let last = ''
  while (!signal.aborted) {
    const text = await read().catch((error: unknown) => errorMessage(error))
    if (isScreen) terminal.write(`${CLEAR}${text}\n`)
    else if (text !== last) terminal.line(text)
    last = text
    await clock.sleep(intervalMs, signal).catch((error: unknown) => {
      if (!signal.aborted) throw error
    })
  }
}
