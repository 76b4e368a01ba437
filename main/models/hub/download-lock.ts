import { randomUUID } from 'node:crypto'
import { mkdir, open, readFile, rename, rm, stat, utimes } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { z } from 'zod'
import type { Clock } from '../../platform/clock.ts'
import { isProcessAlive } from '../../platform/processes/is-process-alive.ts'

const RENEW_MS = 5_000
/** A lock that nobody has renewed for so long is that of a process on a machine that went away. */
const STALE_MS = 60_000
const POLL_MS = 500

const Holder = z.object({ processId: z.int(), host: z.string(), token: z.string() })
type Holder = z.infer<typeof Holder>

export interface LockOptions {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Called now and then while another process holds it. */
  readonly onWait: () => Promise<void>
}

/**
 * Does `work` while no other process does work under the same lock file. Locks of processes that were killed are taken over.
 * What is done twice all the same, by a process that was long asleep, must do no harm.
 */
export async function withLock<Result>(path: string, work: () => Promise<Result>, { clock, signal, onWait }: LockOptions): Promise<Result> {
  const holder: Holder = { processId: process.pid, host: hostname(), token: randomUUID() }
  await mkdir(dirname(path), { recursive: true })
  while (!(await tryCreate(path, holder))) {
    signal.throwIfAborted()
    if (!(await removeStale(path, clock.epochMs()))) {
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

/** @returns whether the way may be free now */
async function removeStale(path: string, nowMs: number): Promise<boolean> {
  const facts = await stat(path).catch(() => null)
  if (!facts) return true
  const holder = await readHolder(path)
  const isDead = holder !== null && holder.host === hostname() && !isProcessAlive(holder.processId)
  if (!isDead && nowMs - facts.mtimeMs < STALE_MS) return false
  // Of several that find it stale, one gets it.
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
    return Holder.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch {
    return null // gone, or just being written
  }
}
