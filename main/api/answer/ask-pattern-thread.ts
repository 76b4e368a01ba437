import { Worker } from 'node:worker_threads'
import { takeTurns } from '../../platform/waiting/take-turns.ts'
import { AppError } from '../../shared/app-error.ts'
import { uncheckable } from './match-pattern.ts'

const LIMIT_MS = 2_000
const MOST_WAITING = 16

/** The whole code of the thread: small enough not to need its own file in the bundle. */
const SOURCE = `
  const { parentPort, workerData } = require('node:worker_threads')
  parentPort.postMessage(new RegExp(workerData.pattern, 'u').test(workerData.text))
`

const inTurn = takeTurns()
let waiting = 0

/**
 * Whether a slow pattern matches a text, tested in a thread, one pattern at a time, so that the node is not blocked.
 *
 * @throws AppError `invalid-request` after two seconds, `engine-busy` if too many wait
 */
export async function askPatternThread(pattern: string, text: string): Promise<boolean> {
  if (waiting >= MOST_WAITING)
    throw new AppError('engine-busy', 'Too many answers are waiting to be checked against their patterns. Try again later.')
  waiting += 1
  try {
    return await inTurn(() => ask(pattern, text))
  } finally {
    waiting -= 1
  }
}

async function ask(pattern: string, text: string): Promise<boolean> {
  const worker = new Worker(SOURCE, { eval: true, workerData: { pattern, text }, name: 'pattern' })
  let timer: NodeJS.Timeout | undefined
  try {
    return await new Promise<boolean>((resolve, reject) => {
      worker.once('message', (answer: boolean) => resolve(answer))
      worker.once('error', reject)
      // The time to start the thread does not count.
      worker.once('online', () => (timer = setTimeout(() => reject(new Error(`no answer within ${LIMIT_MS} ms`)), LIMIT_MS)))
      worker.once('exit', () => reject(new Error('the thread ended')))
    })
  } catch (cause) {
    throw uncheckable(pattern, cause)
  } finally {
    clearTimeout(timer)
    await worker.terminate()
  }
}
