import { readRegularText } from './regular-file.ts'

/** The text of a system file; null if it does not exist or may not be read, as on another kernel or in a container. */
export function readTextIfThere(path: string): Promise<string | null> {
  return readRegularText(path).catch(() => null)
}
