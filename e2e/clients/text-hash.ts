import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'

/** Short hash of what files hold, for names of what is made of them. */
export async function textHash(...files: readonly string[]): Promise<string> {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`)
  for (const file of files) hash.update(await readFile(file))
  return hash.digest('hex').slice(0, 16)
}
