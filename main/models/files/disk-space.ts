import { statfs } from 'node:fs/promises'
import { AppError } from '../../shared/app-error.ts'
import { formatBytes } from '../../shared/formats/byte-size.ts'

/** Space that downloads leave free for everything else on the disk: the system, the user's files, and the node's own data. */
const MOST_RESERVE_BYTES = 2e9
const RESERVE_RATIO = 0.05
/** Bytes written between two checks of the free space; fewer when space is short. */
const LOOK_EACH_BYTES = 32e6

export interface DiskRoom {
  /** Includes the reserve. */
  readonly freeBytes: number
  readonly reserveBytes: number
  readonly diskBytes: number
}

export type ReadDiskRoom = (folder: string) => Promise<DiskRoom>

export const readDiskRoom: ReadDiskRoom = async (folder) => {
  const { bavail, blocks, bsize } = await statfs(folder)
  const diskBytes = blocks * bsize
  return { freeBytes: bavail * bsize, reserveBytes: Math.min(MOST_RESERVE_BYTES, Math.floor(diskBytes * RESERVE_RATIO)), diskBytes }
}

/** @throws AppError `disk-full` if `neededBytes` more, plus the reserve, do not fit on the disk of `folder`, which must exist */
export async function checkFreeSpace(
  folder: string,
  neededBytes: number,
  modelId: string,
  readRoom: ReadDiskRoom = readDiskRoom,
): Promise<void> {
  if (neededBytes <= 0) return
  const { freeBytes, reserveBytes, diskBytes } = await readRoom(folder)
  if (neededBytes <= freeBytes - reserveBytes) return
  throw new AppError(
    'disk-full',
    `${modelId} needs ${formatBytes(neededBytes)} more on the disk of ${folder}, which has ` +
      `${formatBytes(freeBytes)} free, of which ${formatBytes(reserveBytes)} must stay free. Free some ` +
      'space and try again.',
    { folder, neededBytes, freeBytes, reserveBytes, isTooSmall: neededBytes > diskBytes - reserveBytes },
  )
}

/**
 * Watches the free space during a download, because other programs write to the disk too.
 *
 * @returns a function to call with the number of bytes before they are written; it throws AppError `disk-full` if they
 *   would use up the reserve
 */
export function watchFreeSpace(
  folder: string,
  modelId: string,
  readRoom: ReadDiskRoom = readDiskRoom,
): (byteCount: number) => Promise<void> {
  let uncheckedBytes = 0
  return async (byteCount) => {
    uncheckedBytes -= byteCount
    if (uncheckedBytes >= 0) return
    const { freeBytes, reserveBytes } = await readRoom(folder)
    const roomBytes = freeBytes - reserveBytes - byteCount
    if (roomBytes < 0) throw stopped(folder, modelId)
    uncheckedBytes = Math.min(LOOK_EACH_BYTES, roomBytes / 4)
  }
}

/** Turns the error of a write to a full disk into a message for the user; returns any other error unchanged. */
export function explainFullDisk(error: unknown, folder: string, modelId: string): unknown {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENOSPC' || code === 'EDQUOT' ? stopped(folder, modelId, error) : error
}

function stopped(folder: string, modelId: string, cause?: unknown): AppError {
  return new AppError(
    'disk-full',
    `The disk of ${folder} filled up during the download of ${modelId}. Free some space and resume the ` +
      'download; the received data is kept.',
    { folder },
    cause,
  )
}
