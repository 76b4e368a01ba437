import { link, lstat, mkdir, open, rename, rm } from 'node:fs/promises'
import { openRegularFileToWrite, readRegularText } from './regular-file.ts'

/** The disk operations of a durable file, each with a single effect: tests pass a disk that fails, truncates and loses writes. */
export interface FilePort {
  /** Rejects with `ENOENT` if there is no such file. */
  read(path: string): Promise<string>
  /** Creates or truncates the file, then writes. The data is not yet safe from a power loss. */
  write(path: string, text: string, mode: number): Promise<void>
  /** Makes the file's content safe from a power loss. */
  sync(path: string): Promise<void>
  /** Gives a file a second name; rejects with `EEXIST` if the name is taken. */
  link(from: string, to: string): Promise<void>
  rename(from: string, to: string): Promise<void>
  /** Does not fail if there is no such file. */
  remove(path: string): Promise<void>
  makeFolder(path: string): Promise<void>
  /** Makes the names in the folder safe from a power loss. */
  syncFolder(path: string): Promise<void>
}

export const systemFiles: FilePort = {
  read: (path) => readRegularText(path),
  write: writeRegularFile,
  sync: (path) => syncAt(path, 'r+'),
  link,
  rename,
  remove: (path) => rm(path, { force: true }),
  makeFolder: async (path) => void (await mkdir(path, { recursive: true, mode: 0o700 })),
  syncFolder: (path) =>
    syncAt(path, 'r').catch((error: NodeJS.ErrnoException) => {
      // Some network file systems cannot sync a folder and have no other way to do it.
      if (error.code !== 'EINVAL' && error.code !== 'ENOTSUP' && error.code !== 'EPERM') throw error
    }),
}

async function syncAt(path: string, flags: string): Promise<void> {
  const file = await open(path, flags)
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

/** A link, a pipe or a device in the place of a file that is about to be written is in the way. */
async function writeRegularFile(path: string, text: string, mode: number): Promise<void> {
  const facts = await lstat(path).catch(() => null)
  if (facts && !facts.isFile()) await rm(path)
  const file = await openRegularFileToWrite(path, 'anew', mode)
  try {
    await file.writeFile(text)
  } finally {
    await file.close()
  }
}
