import { Worker } from 'node:worker_threads'
import { takeTurns } from '../../platform/waiting/take-turns.ts'
import type { Timers } from '../api-dependencies.ts'
import { ApiError } from '../api-error.ts'
import type { BodyCommand, BodyReport, CheckedBody } from './body-message.ts'

/** The most bodies that may wait, as many as answers may, and the most bytes in all. */
const MOST_WAITING = 64
const MOST_WAITING_BYTES = 128 << 20
const LIMIT_MS = 20_000
/** Long bodies are rare: a thread that had none for this long ends, to free its memory. */
const IDLE_MS = 60_000

/** Parses and validates long bodies in a thread, which runs only when there are any. */
export class BodyChecker {
  readonly #entry: string
  readonly #inTurn = takeTurns()
  #worker: Worker | null = null
  #waiting = 0
  #waitingBytes = 0
  #lastId = 0
  #isUsed = false
  readonly #timers: Timers

  /** @param entry - the entry `body-thread`, bundled or from source */
  constructor(entry: string, timers: Timers) {
    this.#entry = entry
    this.#timers = timers
  }

  /**
   * The validated body. Its bytes are transferred to the thread, so the caller must not use them afterwards.
   *
   * @throws ApiError 400, 429 if too many are waiting, 503 if it takes too long
   */
  async check(address: Pick<BodyCommand, 'path' | 'model'>, json: Buffer): Promise<CheckedBody> {
    if (this.#waiting >= MOST_WAITING || this.#waitingBytes + json.length > MOST_WAITING_BYTES)
      throw new ApiError(429, 'engine_busy', 'Too many large requests are waiting to be parsed. Try again later.', { retryAfterS: 1 })
    const bytes = json.length
    this.#waiting++
    this.#waitingBytes += bytes
    try {
      return await this.#inTurn(() => this.#ask({ bodyId: ++this.#lastId, ...address, json: ownBytes(json) }))
    } finally {
      this.#waiting--
      this.#waitingBytes -= bytes
    }
  }

  async close(): Promise<void> {
    await this.#end()
  }

  #ask(command: BodyCommand): Promise<CheckedBody> {
    const worker = (this.#worker ??= this.#start())
    worker.ref()
    this.#isUsed = true
    const ended = new AbortController()
    return new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        ended.abort()
        worker.off('message', onReport).off('exit', onExit)
        worker.unref()
        act()
      }
      const onReport = (report: BodyReport): void => {
        if (report.bodyId !== command.bodyId) return
        if ('body' in report) return settle(() => resolve(report))
        const { status, code, message, param } = report.failure
        settle(() => reject(new ApiError(status, code, message, { param })))
      }
      const fail = (message: string): void => {
        settle(() => reject(new ApiError(503, 'timeout', message)))
        void this.#end()
      }
      const onExit = (): void => fail('The node could not read the request. Try again, or send less at once.')
      const onLate = (): void => fail(`The node could not read the request within ${LIMIT_MS / 1000} s. Send less at once.`)
      this.#timers.sleep(LIMIT_MS, ended.signal).then(onLate, () => undefined)
      worker.on('message', onReport).on('exit', onExit)
      worker.postMessage(command, [command.json.buffer as ArrayBuffer])
    })
  }

  #start(): Worker {
    const worker = new Worker(this.#entry, { name: 'bodies' })
    // `exit` follows, and the next body starts another thread.
    worker.on('error', () => undefined)
    const ended = new AbortController()
    worker.on('exit', () => {
      ended.abort()
      if (this.#worker === worker) this.#worker = null
    })
    this.#timers.every(IDLE_MS, () => this.#endIfIdle(), ended.signal)
    return worker
  }

  #endIfIdle(): void {
    if (this.#waiting === 0 && !this.#isUsed) void this.#end()
    this.#isUsed = false
  }

  async #end(): Promise<void> {
    const worker = this.#worker
    this.#worker = null
    await worker?.terminate()
  }
}

/** Bytes that no other buffer shares, so that they can be transferred to the thread. */
function ownBytes(json: Buffer): Uint8Array<ArrayBuffer> {
  const isAlone = json.buffer instanceof ArrayBuffer && json.byteOffset === 0 && json.byteLength === json.buffer.byteLength
  return isAlone ? new Uint8Array(json.buffer) : new Uint8Array(json)
}
