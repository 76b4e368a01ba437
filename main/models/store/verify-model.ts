import { createHash } from 'node:crypto'
import { readdir, realpath, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { openRegularFile } from '../../platform/files/regular-file.ts'
import { errorMessage } from '../../shared/app-error.ts'
import { checkSafetensors } from '../files/check-safetensors.ts'

/** What is wrong with one file of a model, or that nothing is. */
export interface VerifiedFile {
  readonly name: string
  readonly bytes: number
  /** `hash`: the content has the hash by which the hub names it; `structure`: only the form of the file could be checked. */
  readonly by: 'hash' | 'structure'
  /** null: none. */
  readonly problem: string | null
}

/** Files of the hub's cache are named by the sha256 of their content, or by its git hash if they are small. */
const BLOB_NAME = /^(?:[0-9a-f]{64}|[0-9a-f]{40})$/

/**
 * Reads all files of a model and checks them against their hashes; those that have none, by their structure.
 *
 * @param onRead - called with the number of bytes read so far, of all files
 */
export async function verifyModel(
  modelDir: string,
  onRead: (doneBytes: number, totalBytes: number) => void,
  signal: AbortSignal,
): Promise<VerifiedFile[]> {
  const names = (await readdir(modelDir, { recursive: true })).sort()
  const files: { name: string; path: string; bytes: number }[] = []
  const missing: VerifiedFile[] = []
  for (const name of names) {
    const found = await resolved(join(modelDir, name))
    if (found === null) missing.push({ name, bytes: 0, by: 'structure', problem: 'the file that it links to is missing' })
    else if (found.isFile) files.push({ name, ...found })
  }
  const totalBytes = files.reduce((total, { bytes }) => total + bytes, 0)
  const verified: VerifiedFile[] = [...missing]
  let doneBytes = 0
  for (const { name, path, bytes } of files) {
    const expected = BLOB_NAME.exec(basename(path))?.[0]
    if (expected === undefined) {
      verified.push({ name, bytes, by: 'structure', problem: await structureProblem(name, path) })
      doneBytes += bytes
      onRead(doneBytes, totalBytes)
      continue
    }
    const hash = await hashOf(path, expected, bytes, (read) => onRead(doneBytes + read, totalBytes), signal)
    doneBytes += bytes
    verified.push({ name, bytes, by: 'hash', problem: hash === expected ? null : 'its content is not what the hub published' })
  }
  return verified
}

async function resolved(path: string): Promise<{ path: string; bytes: number; isFile: boolean } | null> {
  try {
    const real = await realpath(path)
    const { size, isFile } = await stat(real).then((found) => ({ size: found.size, isFile: found.isFile() }))
    return { path: real, bytes: size, isFile }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

async function structureProblem(name: string, path: string): Promise<string | null> {
  if (!name.endsWith('.safetensors')) return null
  return checkSafetensors(path).then(
    () => null,
    (error: unknown) => errorMessage(error),
  )
}

async function hashOf(
  path: string,
  expected: string,
  bytes: number,
  onRead: (bytes: number) => void,
  signal: AbortSignal,
): Promise<string> {
  const hash = expected.length === 64 ? createHash('sha256') : createHash('sha1').update(`blob ${bytes}\0`)
  let read = 0
  const file = await openRegularFile(path)
  for await (const chunk of file.createReadStream({ highWaterMark: 1 << 20, signal })) {
    hash.update(chunk as Buffer)
    read += (chunk as Buffer).length
    onRead(read)
  }
  return hash.digest('hex')
}
