import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { AppError } from '../../shared/app-error.ts'

/** Opening a pipe, a terminal or another device returns at once instead of waiting for its other end. */
const READ_AT_ONCE = constants.O_RDONLY | constants.O_NONBLOCK
/** More than any text that a node keeps or any file that describes a model. */
const MOST_TEXT_BYTES = 512 * 2 ** 20
const CHUNK_BYTES = 1 << 16

/** Opens a file to read it. @throws AppError `file-damaged` for a pipe, a device or a folder in its place, and the errors of the disk */
export async function openRegularFile(path: string): Promise<FileHandle> {
  return checked(await open(path, READ_AT_ONCE), path)
}

async function checked(file: FileHandle, path: string): Promise<FileHandle> {
  try {
    if (!(await file.stat()).isFile()) throw notRegular(path)
    return file
  } catch (error) {
    await file.close()
    throw error
  }
}

/**
 * Opens a file to write it, and creates it if it is not there. A pipe in its place would wait for a reader.
 *
 * @param how - whether what the file holds is deleted, is kept and written over, or is kept and added to
 * @throws as `openRegularFile`
 */
export async function openRegularFileToWrite(path: string, how: 'anew' | 'over' | 'at-end', mode = 0o666): Promise<FileHandle> {
  const flags = { anew: constants.O_TRUNC, over: 0, 'at-end': constants.O_APPEND }[how]
  const file = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_NONBLOCK | flags, mode).catch((error: unknown) => {
    // A pipe without a reader.
    throw (error as NodeJS.ErrnoException).code === 'ENXIO' ? notRegular(path) : error
  })
  return checked(file, path)
}

/** @throws as `openRegularFile`, and AppError `file-damaged` for a file of more bytes */
export async function readRegularFile(path: string, mostBytes = MOST_TEXT_BYTES): Promise<Buffer> {
  const file = await openRegularFile(path)
  try {
    // The size of a file of the kernel is 0, and other files may grow: so it is read to its end.
    const chunks: Buffer[] = []
    const sizeBytes = Math.max(CHUNK_BYTES, Math.min((await file.stat()).size + 1, mostBytes + 1))
    for (let total = 0; ; ) {
      const chunk = Buffer.allocUnsafe(total === 0 ? sizeBytes : CHUNK_BYTES)
      const { bytesRead } = await file.read(chunk, 0, chunk.length, null)
      if (bytesRead === 0) return Buffer.concat(chunks)
      total += bytesRead
      if (total > mostBytes) throw tooLarge(path, mostBytes)
      chunks.push(chunk.subarray(0, bytesRead))
    }
  } finally {
    await file.close()
  }
}

/** @throws as `readRegularFile` */
export async function readRegularText(path: string, mostBytes?: number): Promise<string> {
  return (await readRegularFile(path, mostBytes)).toString('utf8')
}

/** For code that cannot wait. @throws as `readRegularFile` */
export function readRegularTextSync(path: string, mostBytes = MOST_TEXT_BYTES): string {
  const file = openSync(path, READ_AT_ONCE)
  try {
    const facts = fstatSync(file)
    if (!facts.isFile()) throw notRegular(path)
    if (facts.size > mostBytes) throw tooLarge(path, mostBytes)
    const bytes = Buffer.alloc(facts.size)
    let done = 0
    for (let count = -1; count !== 0 && done < bytes.length; done += count) count = readSync(file, bytes, done, bytes.length - done, null)
    return bytes.toString('utf8', 0, done)
  } finally {
    closeSync(file)
  }
}

function notRegular(path: string): AppError {
  return new AppError('file-damaged', `${path} is not a regular file. Move away what is in its place.`, { path })
}

function tooLarge(path: string, mostBytes: number): AppError {
  return new AppError('file-damaged', `${path} is larger than ${Math.round(mostBytes / 2 ** 20)} MiB. Repair the file, or move it away.`, {
    path,
  })
}
