import type { Clock } from '../clock.ts'

/** Retries after each interval until it succeeds or `signal` aborts. `act` itself reports failures. */
export async function keepTrying(
  act: () => Promise<void>,
  intervalMs: number,
  clock: Pick<Clock, 'sleep'>,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    await clock.sleep(intervalMs, signal).catch(() => undefined) // aborted: the next line returns
    if (signal.aborted) return
    const isDone = await act().then(
      () => true,
      () => false,
    )
    if (isDone) return
  }
}
