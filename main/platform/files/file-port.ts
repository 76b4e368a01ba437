import { link, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises'

/** The disk operations of a durable file, one effect each: tests pass a disk that fails, tears and loses writes. */
export interface FilePort {
  /** Rejects with `ENOENT` where there is none. */
  read(path: string): Promise<string>
  /** Makes the file or empties it, then writes. Nothing is safe from a loss of power yet. */
  write(path: string, text: string, mode: number): Promise<void>
  /** What the file holds is safe from a loss of power. */
  sync(path: string): Promise<void>
  /** A second name for a file; rejects with `EEXIST` where the name is taken. */
  link(from: string, to: string): Promise<void>
  rename(from: string, to: string): Promise<void>
  /** No error where there is none. */
  remove(path: string): Promise<void>
  makeFolder(path: string): Promise<void>
  /** The names in the folder are safe from a loss of power. */
  syncFolder(path: string): Promise<void>
}

export const systemFiles: FilePort = {
  read: (path) => readFile(path, 'utf8'),
  write: (path, text, mode) => writeFile(path, text, { mode }),
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
