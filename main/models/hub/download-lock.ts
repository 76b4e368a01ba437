import { randomUUID } from 'node:crypto'
import { mkdir, open, rename, rm, stat, utimes } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { z } from 'zod'
import { readRegularText } from '../../platform/files/regular-file.ts'
import type { Clock } from '../../platform/clock.ts'
import { isProcessAlive } from '../../platform/processes/is-process-alive.ts'

const RENEW_MS = 5_000
/** A lock that is not renewed for this long while somebody waits belongs to a process or machine that is gone. */
const STALE_MS = 60_000
const POLL_MS = 500

const Holder = z.object({ processId: z.int(), host: z.string(), token: z.string() })
type Holder = z.infer<typeof Holder>

export interface LockOptions {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Called repeatedly while another process holds the lock. */
  readonly onWait: () => Promise<void>
}

/**
 * Runs `work` while no other process holds the same lock file. Locks of killed processes are taken over. A process that
 * was suspended for a long time may still run at the same time as another, so running `work` twice must be harmless.
 */
export async function withLock<Result>(path: string, work: () => Promise<Result>, { clock, signal, onWait }: LockOptions): Promise<Result> {
  const holder: Holder = { processId: process.pid, host: hostname(), token: randomUUID() }
  await mkdir(dirname(path), { recursive: true })
  const watched = new WatchedLock(path, clock)
  while (!(await tryCreate(path, holder))) {
    signal.throwIfAborted()
    if (!(await watched.isGone())) {
      await onWait()
      await clock.sleep(POLL_MS, signal)
    }
  }
  const released = new AbortController()
  clock.every(RENEW_MS, () => void utimes(path, clock.epochMs() / 1000, clock.epochMs() / 1000).catch(() => undefined), released.signal)
  try {
    return await work()
  } finally {
    released.abort()
    if ((await readHolder(path))?.token === holder.token) await rm(path, { force: true })
  }
}

async function tryCreate(path: string, holder: Holder): Promise<boolean> {
  try {
    const file = await open(path, 'wx')
    await file.writeFile(JSON.stringify(holder)).finally(() => file.close())
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** The lock of another process. Its age is measured by watching it, since clocks differ between machines and are set. */
class WatchedLock {
  readonly #path: string
  readonly #clock: Pick<Clock, 'now'>
  #renewal: { readonly mtimeMs: number; readonly seenMs: number } | null = null

  constructor(path: string, clock: Pick<Clock, 'now'>) {
    this.#path = path
    this.#clock = clock
  }

  /** @returns whether the lock may be free now, since it is gone or was stale */
  async isGone(): Promise<boolean> {
    const facts = await stat(this.#path).catch(() => null)
    if (!facts) return true
    const nowMs = this.#clock.now()
    if (this.#renewal?.mtimeMs !== facts.mtimeMs) this.#renewal = { mtimeMs: facts.mtimeMs, seenMs: nowMs }
    const holder = await readHolder(this.#path)
    const isDead = holder !== null && holder.host === hostname() && !isProcessAlive(holder.processId)
    if (!isDead && nowMs - this.#renewal.seenMs < STALE_MS) return false
    this.#renewal = null
    return removeStale(this.#path, holder)
  }
}

/** @returns whether the lock may be free now */
async function removeStale(path: string, holder: Holder | null): Promise<boolean> {
  // If several processes find the lock stale, only one of them gets it.
  const taken = `${path}.${randomUUID()}`
  const isTaken = await rename(path, taken).then(
    () => true,
    () => false,
  )
  if (!isTaken) return true
  const found = await readHolder(taken)
  if (found?.token !== holder?.token) await rename(taken, path)
  else await rm(taken, { force: true })
  return true
}

async function readHolder(path: string): Promise<Holder | null> {
  try {
    return Holder.parse(JSON.parse(await readRegularText(path)))
  } catch {
    return null // gone, or still being written
  }
}
