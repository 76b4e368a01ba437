import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'

/** A short hash of the contents of files, for the names of outputs that are made from them. */
export async function textHash(...files: readonly string[]): Promise<string> {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`)
  for (const file of files) hash.update(await readFile(file))
  return hash.digest('hex').slice(0, 16)
}
