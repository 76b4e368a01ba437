import { rename, rm, writeFile } from 'node:fs/promises'

/** Replaces a file that only its owner may read. A reader sees either the old or the new content. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}`
  try {
    await writeFile(temporary, text, { mode: 0o600 })
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined) // the original error is the one to throw
    throw error
  }
}
