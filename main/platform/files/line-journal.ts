import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { openRegularFileToWrite, readRegularText } from './regular-file.ts'

/** Limit for the lines that wait to be written; beyond it they are left to the next rewrite. */
const MOST_WAITING_CHARACTERS = 32 << 20
/** A larger file is never read back. */
const MOST_FILE_CHARACTERS = 512 << 20

/**
 * Lines in a file that a node reads back after a restart. Lines are appended, and from time to time the file is
 * rewritten without outdated ones.
 */
export class LineJournal {
  /** Lines were lost: the file is incomplete. */
  isBehind = false
  private readonly path: string
  private readonly onTrouble: (error: unknown) => void
  private lines: readonly string[]
  private waiting: string[] = []
  private waitingCharacters = 0
  private replacement: readonly string[] | null = null
  private work: Promise<void> | null = null

  private constructor(path: string, lines: readonly string[], onTrouble: (error: unknown) => void) {
    this.path = path
    this.lines = lines
    this.onTrouble = onTrouble
  }

  /** An unreadable file counts as empty. */
  static async open(path: string, onTrouble: (error: unknown) => void): Promise<LineJournal> {
    const text = await readRegularText(path).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') onTrouble(error)
      return ''
    })
    return new LineJournal(path, text.length > MOST_FILE_CHARACTERS ? [] : text.split('\n').filter((line) => line !== ''), onTrouble)
  }

  /** The file's content when it was opened; can be taken only once. */
  takeLines(): readonly string[] {
    const { lines } = this
    this.lines = []
    return lines
  }

  append(lines: readonly string[]): void {
    for (const line of lines) {
      this.waiting.push(`${line}\n`)
      this.waitingCharacters += line.length + 1
    }
    if (this.waitingCharacters > MOST_WAITING_CHARACTERS) {
      this.isBehind = true
      this.dropWaiting()
    }
    this.start()
  }

  /** Replaces the file's content. */
  rewrite(lines: readonly string[]): void {
    this.isBehind = false
    this.dropWaiting()
    this.replacement = lines
    this.start()
  }

  /** Resolves when all writes have succeeded or failed. */
  async settled(): Promise<void> {
    await this.work
  }

  private dropWaiting(): void {
    this.waiting = []
    this.waitingCharacters = 0
  }

  private start(): void {
    this.work ??= this.writeAll().finally(() => {
      this.work = null
    })
  }

  private async writeAll(): Promise<void> {
    while (this.replacement !== null || this.waiting.length > 0) {
      const { replacement } = this
      const text = this.waiting.join('')
      this.replacement = null
      if (replacement === null) this.dropWaiting()
      try {
        if (replacement === null) await this.addText(text)
        else await this.replace(replacement)
      } catch (error) {
        // The next rewrite includes these lines again.
        this.isBehind = true
        this.dropWaiting()
        this.onTrouble(error)
      }
    }
  }

  private async addText(text: string): Promise<void> {
    const file = await openRegularFileToWrite(this.path, 'at-end', 0o600)
    try {
      await file.appendFile(text)
    } finally {
      await file.close()
    }
  }

  private async replace(lines: readonly string[]): Promise<void> {
    const temporary = `${this.path}.new`
    await mkdir(dirname(this.path), { recursive: true })
    try {
      const file = await openRegularFileToWrite(temporary, 'anew', 0o600)
      try {
        for (const line of lines) await file.write(`${line}\n`)
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(temporary, this.path)
    } finally {
      await rm(temporary, { force: true })
    }
  }
}
