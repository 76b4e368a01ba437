import { type Clock, systemClock } from '../../platform/clock.ts'
import { errorMessage } from '../../shared/app-error.ts'
import { escapeControls } from '../../shared/formats/escape-controls.ts'
import { interruption } from '../interruption.ts'
import type { Terminal } from '../terminal.ts'

const INTERVAL_MS = 1000
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
    if (isScreen) terminal.write(`${CLEAR}${escapeControls(text)}\n`)
    else if (text !== last) terminal.line(text)
    last = text
    await clock.sleep(intervalMs, signal).catch((error: unknown) => {
      if (!signal.aborted) throw error
    })
  }
}

/** Shows a listing every second until Ctrl-C. A failure of the first read ends it: later ones may pass. */
export async function watchInTerminal(
  terminal: Terminal,
  read: () => Promise<string>,
  { isScreen = process.stdout.isTTY }: { readonly isScreen?: boolean } = {},
): Promise<void> {
  await read()
  const signal = untilInterrupted(terminal)
  await watchListing({ read, terminal, clock: systemClock, intervalMs: INTERVAL_MS, isScreen }, signal)
}

/** Calls `show` every second until Ctrl-C. A failure is shown once and does not end it: the node may restart meanwhile. */
export async function everySecond(terminal: Terminal, clock: Pick<Clock, 'sleep'>, show: () => Promise<void>): Promise<void> {
  const signal = untilInterrupted(terminal)
  let lastFailure: string | null = null
  while (!signal.aborted) {
    await clock.sleep(INTERVAL_MS, signal).catch((error: unknown) => {
      if (!signal.aborted) throw error
    })
    if (signal.aborted) return
    const failure = await show().then(() => null, errorMessage)
    if (failure !== null && failure !== lastFailure) terminal.error(failure)
    lastFailure = failure
  }
}

/** Aborts at Ctrl-C, or when nobody reads the output any more. */
function untilInterrupted(terminal: Terminal): AbortSignal {
  const stop = new AbortController()
  void interruption().then(() => stop.abort())
  void terminal.readerGone.then(() => stop.abort())
  return stop.signal
}
