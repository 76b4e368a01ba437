import { rename, rm, writeFile } from 'node:fs/promises'

/** Replaces a file that only its user may read; a reader sees it as it was or as it is, never in between. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}`
  try {
    await writeFile(temporary, text, { mode: 0o600 })
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined) // the error that led here is the one to throw
    throw error
  }
}
