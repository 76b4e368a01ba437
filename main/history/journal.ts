import { type FileHandle, open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { type HistoryFolder, makeHistoryFolder, openJournalName, sealedJournalName } from './history-folder.ts'

/** A file that grows by complete lines and is then sealed for the history process to read. Calls must not overlap. */
export class Journal {
  readonly #folder: HistoryFolder
  readonly #processId: number
  readonly #newSegment: () => string
  #file: { readonly handle: FileHandle; readonly segment: string } | null = null

  /** @param newSegment - unique names that sort by age */
  constructor(folder: HistoryFolder, processId: number, newSegment: () => string) {
    this.#folder = folder
    this.#processId = processId
    this.#newSegment = newSegment
  }

  /** @returns bytes written */
  async append(lines: readonly string[]): Promise<number> {
    this.#file ??= await this.#open()
    // The system has the text after this, so it survives the process, although not a power loss.
    const text = `${lines.join('\n')}\n`
    const { handle } = this.#file
    const { size } = await handle.stat()
    try {
      await handle.appendFile(text)
    } catch (error) {
      // The caller retries: a partial line would count as damage, and complete lines would be written twice.
      await handle.truncate(size)
      throw error
    }
    return Buffer.byteLength(text)
  }

  async seal(): Promise<void> {
    if (!this.#file) return
    const { handle, segment } = this.#file
    this.#file = null
    await handle.close()
    await rename(
      join(this.#folder.journalDir, openJournalName(segment, this.#processId)),
      join(this.#folder.journalDir, sealedJournalName(segment)),
    )
  }

  async #open(): Promise<{ readonly handle: FileHandle; readonly segment: string }> {
    await makeHistoryFolder(this.#folder)
    const segment = this.#newSegment()
    return { segment, handle: await open(join(this.#folder.journalDir, openJournalName(segment, this.#processId)), 'ax', 0o600) }
  }
}
