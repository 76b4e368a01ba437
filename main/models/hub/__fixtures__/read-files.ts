import { readdir, readFile, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'

/** Reads every file below a folder, by relative path. Links are followed. */
export async function readFiles(root: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>()
  for (const entry of (await readdir(root, { recursive: true })).sort()) {
    const path = join(root, entry)
    if ((await stat(path)).isFile()) files.set(entry.split(sep).join('/'), await readFile(path))
  }
  return files
}
