import { readRegularText } from './regular-file.ts'

/** The text of a file; null if it does not exist. Any other disk error is thrown. */
export async function readIfPresent(path: string): Promise<string | null> {
  try {
    return await readRegularText(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
