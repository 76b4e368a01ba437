import { statfs } from 'node:fs/promises'
import { AppError } from '../../shared/app-error.ts'
import { formatBytes } from '../../shared/byte-size.ts'

/** @throws AppError `disk-full` where `neededBytes` more do not fit on the disk of `folder`, which is there */
export async function checkFreeSpace(folder: string, neededBytes: number, modelId: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  const freeBytes = bavail * bsize
  if (neededBytes <= freeBytes) return
  throw new AppError('disk-full', `${modelId} needs ${formatBytes(neededBytes)} more on the disk of ${folder}, where ${formatBytes(freeBytes)} are free. Make room and try again.`, { folder, neededBytes, freeBytes })
}

/** The error of a write that found the disk full, for people; any other error as it is. */
export function explainFullDisk(error: unknown, folder: string, modelId: string): unknown {
  const { code } = error as NodeJS.ErrnoException
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error
  return new AppError('disk-full', `The disk of ${folder} is full before ${modelId} is there. Make room and try again: what has come is kept.`, { folder }, error)
}
