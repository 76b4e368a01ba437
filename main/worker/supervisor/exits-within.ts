import type { Clock } from '../../platform/clock.ts'

/** Whether `exited` resolves within the time. */
export async function exitsWithin(limitMs: number, exited: Promise<unknown>, clock: Clock): Promise<boolean> {
  const wait = new AbortController()
  const limit = clock.sleep(limitMs, wait.signal).then(
    () => false,
    () => true,
  )
  const hasExited = await Promise.race([exited.then(() => true), limit])
  wait.abort()
  return hasExited
}
