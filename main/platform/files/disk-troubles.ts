import { errorCode, errorMessage } from '../../shared/app-error.ts'
import type { DiskTrouble } from '../../shared/disk-trouble.ts'
import type { Clock } from '../clock.ts'
import type { DiskWatch } from './durable-file.ts'
import type { Log } from '../log/log.ts'

/** A node writes few files; paths beyond this many are only logged. */
const MOST_PATHS = 64

/** Files that this node could not write and will retry: for the log, the doctor and the dashboard. */
export class DiskTroubles implements DiskWatch {
  readonly #clock: Pick<Clock, 'epochMs'>
  readonly #log: Pick<Log, 'warn' | 'info'>
  readonly #troubles = new Map<string, DiskTrouble>()

  constructor(clock: Pick<Clock, 'epochMs'>, log: Pick<Log, 'warn' | 'info'>) {
    this.#clock = clock
    this.#log = log
  }

  list(): DiskTrouble[] {
    return [...this.#troubles.values()]
  }

  /** In the format of `GET /state`. */
  view(): { readonly diskTroubles?: DiskTrouble[] } {
    return this.#troubles.size === 0 ? {} : { diskTroubles: this.list() }
  }

  /** Runs an operation that writes a file, and records its outcome. */
  async watch(path: string, act: () => Promise<void>): Promise<void> {
    try {
      await act()
    } catch (error) {
      this.onWritten(path, error)
      throw error
    }
    this.onWritten(path, null)
  }

  onWritten(path: string, error: unknown): void {
    const before = this.#troubles.get(path)
    if (error === null) {
      if (this.#troubles.delete(path)) this.#log.info('a file can be written again', { path })
      return
    }
    const trouble: DiskTrouble = {
      path,
      code: errorCode(error),
      message: errorMessage(error),
      sinceEpochMs: before?.sinceEpochMs ?? this.#clock.epochMs(),
      attempts: (before?.attempts ?? 0) + 1,
    }
    // The write is retried repeatedly; only the first failure and each new reason are logged.
    if (before?.code !== trouble.code)
      this.#log.warn('a file could not be written; the previous version stays, and the node retries', { path, error })
    if (before || this.#troubles.size < MOST_PATHS) this.#troubles.set(path, trouble)
  }

  onFallback({ path, reason }: { readonly path: string; readonly reason: string }): void {
    this.#log.warn('a file was damaged, so its backup is used', { path, reason })
  }
}
