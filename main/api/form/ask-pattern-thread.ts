import { Worker } from 'node:worker_threads'
import { takeTurns } from '../../platform/waiting/take-turns.ts'
import { AppError } from '../../shared/app-error.ts'
import { uncheckable } from './match-pattern.ts'

const MOST_WAITING = 16

export interface PatternTest {
  readonly pattern: string
  readonly texts: readonly string[]
}

/** The whole code of the thread: small enough not to need its own file in the bundle. */
const SOURCE = `
  const { parentPort, workerData } = require('node:worker_threads')
  for (const { pattern, texts } of workerData) {
    const tried = new RegExp(pattern, 'u')
    parentPort.postMessage(texts.map((text) => tried.test(text)))
  }
`

const inTurn = takeTurns()
let waiting = 0

/**
 * Whether patterns match texts, tested in a thread, for one request at a time, so that slow ones do not block the node.
 *
 * @param limitMs - for each pattern
 * @returns the answers of the patterns in order; those of the first that exceeds the limit, and of all after it, are missing
 * @throws AppError `invalid-request` if a pattern is not a regular expression, `engine-busy` if too many requests wait
 */
export async function askPatternThread(tests: readonly PatternTest[], limitMs: number): Promise<readonly (readonly boolean[])[]> {
  if (waiting >= MOST_WAITING)
    throw new AppError('engine-busy', 'Too many requests are waiting for their patterns to be checked. Try again later.')
  waiting += 1
  try {
    return await inTurn(() => ask(tests, limitMs))
  } finally {
    waiting -= 1
  }
}

async function ask(tests: readonly PatternTest[], limitMs: number): Promise<readonly (readonly boolean[])[]> {
  const worker = new Worker(SOURCE, { eval: true, workerData: tests, name: 'pattern' })
  const answers: boolean[][] = []
  let timer: NodeJS.Timeout | undefined
  try {
    return await new Promise<readonly (readonly boolean[])[]>((resolve, reject) => {
      const startTimer = (): void => {
        clearTimeout(timer)
        timer = setTimeout(resolve, limitMs, answers)
      }
      // The time to start the thread does not count.
      worker.once('online', startTimer)
      worker.on('message', (answer: boolean[]) => {
        answers.push(answer)
        if (answers.length === tests.length) resolve(answers)
        else startTimer()
      })
      worker.once('error', reject)
      worker.once('exit', () => reject(new Error('the thread ended')))
    })
  } catch (cause) {
    throw uncheckable(tests[answers.length]?.pattern ?? '', cause)
  } finally {
    clearTimeout(timer)
    await worker.terminate()
  }
}
