import { type FileHandle, open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { abandonedJournals, type HistoryFolder, makeHistoryFolder, openJournalName, sealedJournalName } from './history-folder.ts'

/** A file that grows by complete lines and is then sealed for the history process to read. Calls must not overlap. */
export class Journal {
  readonly #folder: HistoryFolder
  readonly #processId: number
  readonly #newSegment: () => string
  readonly #isGone: (processId: number) => boolean
  #file: { readonly handle: FileHandle; readonly segment: string } | null = null
  /** New names of the files that are complete, by their current names. A disk may refuse to rename them for a while. */
  readonly #unsealed = new Map<string, string>()
  #hasLookedBack = false

  /**
   * @param newSegment - unique names that sort by age
   * @param isGone - whether the process with that id no longer writes
   */
  constructor(folder: HistoryFolder, processId: number, newSegment: () => string, isGone: (processId: number) => boolean) {
    this.#folder = folder
    this.#processId = processId
    this.#newSegment = newSegment
    this.#isGone = isGone
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

  /** Also seals the files of earlier runs, and those that an earlier call could not seal. */
  async seal(): Promise<void> {
    await this.#lookBack()
    if (this.#file) {
      const { handle, segment } = this.#file
      this.#file = null
      this.#unsealed.set(openJournalName(segment, this.#processId), sealedJournalName(segment))
      await handle.close()
    }
    for (const [from, to] of this.#unsealed) {
      await rename(join(this.#folder.journalDir, from), join(this.#folder.journalDir, to)).catch((error: NodeJS.ErrnoException) => {
        // Somebody deleted the file or its folder: nothing is left to seal.
        if (error.code !== 'ENOENT') throw error
      })
      this.#unsealed.delete(from)
    }
  }

  async #lookBack(): Promise<void> {
    if (this.#hasLookedBack) return
    await makeHistoryFolder(this.#folder)
    for (const { name, segment } of await abandonedJournals(this.#folder, this.#isGone)) {
      if (segment !== this.#file?.segment) this.#unsealed.set(name, sealedJournalName(segment))
    }
    this.#hasLookedBack = true
  }

  async #open(): Promise<{ readonly handle: FileHandle; readonly segment: string }> {
    await makeHistoryFolder(this.#folder)
    const segment = this.#newSegment()
    return { segment, handle: await open(join(this.#folder.journalDir, openJournalName(segment, this.#processId)), 'ax', 0o600) }
  }
}
