import { linkSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { setupStateDir } from '../project-paths.mjs'

const BEAT_MS = 1_000
/** A holder that has not touched its lock for this long is dead, even if its process id is in use again. */
const STALE_MS = 30_000

/**
 * Runs `work` while holding the lock of this checkout's set-up.
 *
 * @template T
 * @param {() => Promise<T>} work
 * @param {(processId: number) => void} onWait - called once if another holds the lock
 * @param {string} folder - of the lock
 * @returns {Promise<T>}
 */
export async function withSetupLock(work, onWait, folder = setupStateDir) {
  await mkdir(folder, { recursive: true })
  const lockFile = join(folder, 'lock')
  let hasWaited = false
  while (!take(lockFile)) {
    const holder = currentHolder(lockFile)
    if (holder === null) continue
    if (holder.isStale) breakStale(lockFile, holder.content)
    else {
      if (!hasWaited) onWait(holder.processId)
      hasWaited = true
      await sleep(200)
    }
  }
  const beat = setInterval(() => {
    const now = new Date()
    utimesSync(lockFile, now, now)
  }, BEAT_MS)
  const release = () => rmSync(lockFile, { force: true })
  process.once('exit', release)
  try {
    return await work()
  } finally {
    clearInterval(beat)
    process.off('exit', release)
    release()
  }
}

/** @param {string} lockFile */
function take(lockFile) {
  try {
    writeFileSync(lockFile, `${process.pid}\n`, { flag: 'wx' })
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

/**
 * @param {string} lockFile
 * @returns {{ content: string, processId: number, isStale: boolean } | null} null if the lock was released in the meantime
 */
function currentHolder(lockFile) {
  try {
    const content = readFileSync(lockFile, 'utf8')
    const ageMs = Date.now() - statSync(lockFile).mtimeMs
    const processId = Number(content)
    // The file is empty between its creation and its first write; then only its age shows whether it is stale.
    const isDead = content !== '' && !isAlive(processId)
    return { content, processId, isStale: isDead || ageMs > STALE_MS }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw error
  }
}

/**
 * Removes a dead holder's lock. The rename lets only one waiter win; a waiter that moved a new holder's lock puts it back.
 *
 * @param {string} lockFile
 * @param {string} content - of the stale lock file
 */
function breakStale(lockFile, content) {
  const aside = `${lockFile}.${process.pid}`
  try {
    renameSync(lockFile, aside)
    if (readFileSync(aside, 'utf8') !== content) linkSync(aside, lockFile)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'EEXIST') throw error
  } finally {
    rmSync(aside, { force: true })
  }
}

/** @param {number} processId */
function isAlive(processId) {
  try {
    process.kill(processId, 0)
    return true
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}

/** @param {unknown} error */
function codeOf(error) {
  return /** @type {NodeJS.ErrnoException} */ (error).code
}
