import { dirname } from 'node:path'
import { AppError, errorCode, errorMessage } from '../../shared/app-error.ts'
import { type FilePort, systemFiles } from './file-port.ts'
import { inTurnOf } from '../waiting/in-turn-of.ts'
import { toDiskError } from './to-disk-error.ts'

export interface DurableFileOptions<Value> {
  readonly path: string
  /** Throws if the text was not written by `format`. */
  parse(text: string): Value
  format(value: Value): string
  readonly mode?: number
  /** Default: true. False for data that must not return after it was revoked: a damaged file then has no backup. */
  readonly keepsCopy?: boolean
  /** On a full disk, a write may use the space of the backup. The backup exists from the first write on. */
  readonly spendsCopy?: boolean
  /** A file that cannot be parsed counts as absent, because its loss is harmless. */
  readonly isExpendable?: boolean
  /** Default: true. Whether a missing folder is recreated. */
  readonly makesFolder?: boolean
  readonly files?: FilePort
  readonly watch?: DiskWatch | undefined
}

/** Observes the outcome of reads and writes of durable files. */
export interface DiskWatch {
  /** The outcome of a write; null: it succeeded. */
  onWritten(path: string, error: unknown): void
  /** The file was empty, truncated or missing, and its backup is used. */
  onFallback(notice: { readonly path: string; readonly reason: string }): void
}

/** The path of the backup: the text before the last write. */
export const copyBefore = (path: string): string => `${path}.previous`

/**
 * A small file that after a crash, a full disk or a power loss has either its old or its new content, never a mixture.
 * Writers of the same path in this process take turns.
 */
export class DurableFile<Value> {
  readonly path: string
  readonly #options: DurableFileOptions<Value>
  readonly #files: FilePort

  constructor(options: DurableFileOptions<Value>) {
    this.#options = options
    this.path = options.path
    this.#files = options.files ?? systemFiles
  }

  /**
   * The stored value; null: none.
   *
   * @throws AppError `file-damaged` if neither the file nor its backup can be parsed, and the error of a disk that
   *   cannot be read
   */
  read(): Promise<Value | null> {
    return inTurnOf(this.path, () => this.#read())
  }

  /** @throws AppError `disk-full` | `disk-failing` | `disk-refused` | `too-many-open-files`: the previous value remains */
  write(value: Value): Promise<void> {
    return inTurnOf(this.path, () => this.#write(value))
  }

  /** Reads, changes and writes as one operation. */
  change(next: (kept: Value | null) => Value): Promise<Value> {
    return inTurnOf(this.path, async () => {
      const value = next(await this.#read())
      await this.#write(value)
      return value
    })
  }

  /** Moves a damaged file out of the way and deletes its backup. @returns the file's new path */
  setAside(): Promise<string> {
    return inTurnOf(this.path, async () => {
      const aside = `${this.path}.damaged`
      await this.#files.rename(this.path, aside)
      await this.#removeAll()
      return aside
    })
  }

  remove(): Promise<void> {
    return inTurnOf(this.path, () => this.#removeAll())
  }

  async #removeAll(): Promise<void> {
    // The backup is removed first: an interrupted removal leaves the file itself, not its previous state.
    for (const path of [copyBefore(this.path), `${this.path}.new`, this.path]) await this.#files.remove(path)
    await this.#files.syncFolder(dirname(this.path))
  }

  async #read(): Promise<Value | null> {
    const current = await this.#parseAt(this.path)
    if ('value' in current) return current.value
    const before = this.#options.keepsCopy === false ? current : await this.#parseAt(copyBefore(this.path))
    if ('value' in before) {
      this.#options.watch?.onFallback({ path: this.path, reason: current.reason })
      return before.value
    }
    if (current.isMissing && before.isMissing) return null
    const damaged = current.isMissing ? before : current
    if (this.#options.isExpendable) {
      this.#options.watch?.onFallback({ path: this.path, reason: damaged.reason })
      return null
    }
    throw new AppError(
      'file-damaged',
      `${this.path} is damaged (${damaged.reason}), and it has no intact backup. Repair the file, or move it away to start without it.`,
      { path: this.path },
      damaged.cause,
    )
  }

  async #parseAt(
    path: string,
  ): Promise<{ readonly value: Value } | { readonly isMissing: boolean; readonly reason: string; readonly cause: unknown }> {
    let text: string
    try {
      text = await this.#files.read(path)
    } catch (cause) {
      if (isNowhere(cause)) return { isMissing: true, reason: 'it is missing', cause }
      if (errorCode(cause) === 'file-damaged') return { isMissing: false, reason: errorMessage(cause), cause }
      throw toDiskError(cause, path)
    }
    try {
      return { value: this.#options.parse(text) }
    } catch (cause) {
      return { isMissing: false, reason: text.trim() === '' ? 'it is empty' : (errorMessage(cause).split('\n', 1)[0] ?? ''), cause }
    }
  }

  async #write(value: Value): Promise<void> {
    try {
      if (this.#options.makesFolder !== false) await this.#files.makeFolder(dirname(this.path))
      await this.#replace(this.#options.format(value))
    } catch (error) {
      const told = toDiskError(error, this.path)
      this.#options.watch?.onWritten(this.path, told)
      throw told
    }
    this.#options.watch?.onWritten(this.path, null)
  }

  async #replace(text: string): Promise<void> {
    await this.#writeNew(text)
    try {
      await this.#keepCopy()
      await this.#files.rename(`${this.path}.new`, this.path)
    } catch (error) {
      await this.#discard(`${this.path}.new`)
      throw error
    }
    await this.#files.syncFolder(dirname(this.path))
    if (this.#options.spendsCopy) await this.#reserve(text)
  }

  /** The value itself is already safe. If there is no space for its backup, the next write retries. */
  async #reserve(text: string): Promise<void> {
    try {
      if (await this.#isWhole(copyBefore(this.path))) return
      await this.#writeWhole(`${this.path}.new`, text)
      await this.#files.rename(`${this.path}.new`, copyBefore(this.path))
    } catch {
      await this.#discard(`${this.path}.new`)
    }
  }

  async #writeNew(text: string): Promise<void> {
    try {
      await this.#writeWhole(`${this.path}.new`, text)
    } catch (error) {
      if (!this.#options.spendsCopy || !isFull(error) || !(await this.#isWhole(this.path))) throw error
      await this.#files.remove(copyBefore(this.path))
      await this.#writeWhole(`${this.path}.new`, text)
    }
  }

  async #writeWhole(path: string, text: string): Promise<void> {
    try {
      await this.#files.write(path, text, this.#options.mode ?? 0o600)
      await this.#files.sync(path)
    } catch (error) {
      await this.#discard(path)
      throw error
    }
  }

  /** Frees the space of a useless file. If that fails, the original error is the one to report. */
  async #discard(path: string): Promise<void> {
    await this.#files.remove(path).catch(() => undefined)
  }

  /** A truncated file never replaces a good backup. */
  async #keepCopy(): Promise<void> {
    if (this.#options.keepsCopy === false || !(await this.#isWhole(this.path))) return
    await this.#files.remove(copyBefore(this.path))
    await this.#files.link(this.path, copyBefore(this.path)).catch((error: NodeJS.ErrnoException) => {
      // A file system without hard links (exFAT) has no backup; the rename is still atomic.
      if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(error.code ?? '')) throw error
    })
  }

  async #isWhole(path: string): Promise<boolean> {
    return 'value' in (await this.#parseAt(path))
  }
}

function isNowhere(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENOENT' || code === 'ENOTDIR'
}

function isFull(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENOSPC' || code === 'EDQUOT'
}
