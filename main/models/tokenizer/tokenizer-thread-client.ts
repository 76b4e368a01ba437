import { Worker } from 'node:worker_threads'
import type { Clock } from '../../platform/clock.ts'
import { takeTurns } from '../../platform/waiting/take-turns.ts'
import { AppError } from '../../shared/app-error.ts'
import type { FailureMessage, TokenizerAnswer, TokenizerCommand, TokenizerEvent, TokenizerFacts } from './tokenizer-message.ts'
import { UNLOADED } from '../../shared/inference/unloaded.ts'

export interface TokenizerThreadOptions {
  readonly modelDir: string
  /** The entry `tokenizer-thread`, bundled or from source. */
  readonly threadEntry: string | URL
  readonly clock: Pick<Clock, 'sleep'>
  /** Limit for one command, and for loading. */
  readonly timeoutMs: number
  /** Number of commands that may wait. */
  readonly maxWaiting: number
}

/** A thread that tokenizes for one model. It starts on first use and again after a failure. */
export interface TokenizerThread {
  /** Loads the model's files. @throws AppError `model-damaged` | `model-unsupported` | `timeout` | `instance-failed` */
  start(signal: AbortSignal): Promise<TokenizerFacts>
  /** @throws AppError `invalid-request` | `engine-busy` | `timeout` | `instance-failed`; the signal's reason when aborted */
  request(command: TokenizerCommand, signal: AbortSignal): Promise<TokenizerAnswer>
  close(): Promise<void>
}

interface RunningThread {
  readonly worker: Worker
  readonly facts: TokenizerFacts
}

function toError(failure: FailureMessage): AppError {
  return new AppError(failure.code, failure.message)
}

/** The next message of a thread, or the error that ended it. */
function nextEvent(worker: Worker): Promise<TokenizerEvent> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit)
      act()
    }
    const onMessage = (event: TokenizerEvent): void => settle(() => resolve(event))
    const onError = (cause: Error): void =>
      settle(() => reject(new AppError('instance-failed', `The tokenizer stopped: ${cause.message}. Try again.`, {}, cause)))
    const onExit = (): void => settle(() => reject(new AppError('instance-failed', 'The tokenizer stopped. Try again.')))
    worker.on('message', onMessage).on('error', onError).on('exit', onExit)
  })
}

export function createTokenizerThread(options: TokenizerThreadOptions): TokenizerThread {
  const { modelDir, threadEntry, clock, timeoutMs, maxWaiting } = options
  let running: Promise<RunningThread> | null = null
  let isClosed = false
  let waiting = 0
  /** Resolves, without error, when the previous commands are done. */
  const inTurn = takeTurns()

  const withLimit = async <T>(worker: Worker, work: Promise<T>, what: string): Promise<T> => {
    const done = new AbortController()
    const limit = clock.sleep(timeoutMs, done.signal).then(() => {
      throw new AppError('timeout', `${what} took longer than ${timeoutMs / 1000} s.`)
    })
    limit.catch(() => undefined)
    try {
      return await Promise.race([work, limit])
    } catch (error) {
      // A thread that is late or broken is stopped: the next command starts a new one.
      running = null
      await worker.terminate()
      throw error
    } finally {
      done.abort()
    }
  }

  const startThread = async (): Promise<RunningThread> => {
    const worker = new Worker(threadEntry, { workerData: { modelDir }, name: 'tokenizer', resourceLimits: { maxYoungGenerationSizeMb: 4 } })
    worker.on('error', () => undefined)
    const event = await withLimit(worker, nextEvent(worker), 'Loading the tokenizer')
    if (event.type === 'ready') {
      worker.unref()
      worker.once('exit', () => {
        running = null
      })
      return { worker, facts: event.facts }
    }
    running = null
    await worker.terminate()
    throw event.type === 'failed' ? toError(event) : new AppError('instance-failed', 'The tokenizer answered before it was asked.')
  }

  const ensureThread = (): Promise<RunningThread> => {
    if (isClosed) return Promise.reject(new AppError('instance-failed', 'The model was unloaded.', { reason: UNLOADED }))
    running ??= startThread()
    return running
  }

  const run = async (command: TokenizerCommand): Promise<TokenizerAnswer> => {
    const { worker } = await ensureThread()
    worker.ref()
    try {
      const answered = nextEvent(worker)
      worker.postMessage(command)
      const event = await withLimit(worker, answered, 'Tokenizing the prompt')
      if (event.type === 'answer') return event.answer
      throw event.type === 'failed' ? toError(event) : new AppError('instance-failed', 'The tokenizer did not answer.')
    } finally {
      worker.unref()
    }
  }

  return {
    start: async (signal) => (await withAbort(ensureThread(), signal)).facts,
    request: async (command, signal) => {
      signal.throwIfAborted()
      if (waiting >= maxWaiting) throw new AppError('engine-busy', 'Too many prompts are waiting to be tokenized. Try again later.')
      waiting++
      const answered = inTurn(() => {
        signal.throwIfAborted()
        return run(command)
      })
      const end = (): void => void waiting--
      answered.then(end, end)
      return withAbort(answered, signal)
    },
    close: async () => {
      isClosed = true
      const thread = await running?.catch(() => null)
      await thread?.worker.terminate()
    },
  }
}

/** Stops waiting for the work when the signal aborts. A thread cannot be interrupted within a command. */
function withAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const onAbort = (): void => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
