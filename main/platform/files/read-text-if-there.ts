import { readFile } from 'node:fs/promises'

/** The text of a system file; null if it does not exist or may not be read, as on another kernel or in a container. */
export function readTextIfThere(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch(() => null)
}
