import type { Clock } from './clock.ts'

/** Tries again after each interval, until it succeeds or `signal` aborts. What goes wrong is told by `act` itself. */
export async function keepTrying(act: () => Promise<void>, intervalMs: number, clock: Pick<Clock, 'sleep'>, signal: AbortSignal): Promise<void> {
  for (;;) {
    await clock.sleep(intervalMs, signal).catch(() => undefined) // it ends below
    if (signal.aborted) return
    const isDone = await act().then(() => true, () => false)
    if (isDone) return
  }
}
