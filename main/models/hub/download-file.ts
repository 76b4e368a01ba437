import { createHash, type Hash } from 'node:crypto'
import { constants, createReadStream } from 'node:fs'
import { type FileHandle, open, rename, stat } from 'node:fs/promises'
import type { Clock } from '../../platform/clock.ts'
import type { Random } from '../../platform/random.ts'
import { retry } from '../../platform/waiting/retry.ts'
import { AppError } from '../../shared/app-error.ts'
import { watchFreeSpace } from '../files/disk-space.ts'
import { type hubRepo, isMoved } from '../files/hub-cache.ts'
import type { HubClient } from './hub-client.ts'
import { askedDelayMs, isRetryableHubError } from './hub-error.ts'
import type { HubManifest } from '../files/hub-file.ts'
import type { HubFile } from '../../shared/wire/peer/model-file-request.ts'

/** Attempts in a row without a byte of progress. */
const ATTEMPTS = 6
/** A damaged file is fetched once more, but not a third time. */
const DAMAGED_LIMIT = 2

export interface DownloadFileOptions {
  readonly client: HubClient
  readonly manifest: HubManifest
  readonly file: HubFile
  readonly repo: ReturnType<typeof hubRepo>
  /** Bytes of the file that are on the disk, from its start. The number falls when they must be fetched again. */
  readonly onProgress: (doneBytes: number) => void
  readonly clock: Clock
  readonly random: Random
  readonly firstDelayMs?: number
  readonly signal: AbortSignal
}

/**
 * Downloads one file into the cache's blobs and continues where an earlier attempt or process stopped.
 *
 * @throws AppError `download-damaged` if its checksum is wrong twice, and the errors of the hub's client
 */
export async function downloadFile(options: DownloadFileOptions): Promise<void> {
  const { file, repo, manifest, clock, random, firstDelayMs = 500, signal } = options
  if ((await isStored(repo.blob(file.etag), file.sizeBytes)) || (await isMoved(repo, manifest.commit, file)))
    return options.onProgress(file.sizeBytes)
  let damagedCount = 0
  let lastBytes = 0
  let furthestBytes = 0
  const download = async (): Promise<void> => {
    const partial = await open(repo.partial(file.etag), constants.O_RDWR | constants.O_CREAT)
    try {
      const hash = await fetchRest(partial, options, (doneBytes) => {
        lastBytes = doneBytes
        options.onProgress(doneBytes)
      })
      if (hash !== file.etag) {
        await partial.truncate(0)
        damagedCount += 1
        throw new AppError(
          'download-damaged',
          `${file.path} of ${manifest.modelId} does not match the checksum of ${options.client.endpoint} ` +
            `(${hash} instead of ${file.etag}). Try again later, or from another network.`,
          { path: file.path },
        )
      }
      await partial.sync()
    } finally {
      await partial.close()
    }
    await rename(repo.partial(file.etag), repo.blob(file.etag))
  }
  await retry(download, {
    attempts: ATTEMPTS,
    firstDelayMs,
    maxDelayMs: 20_000,
    isRetryable: (error) =>
      isRetryableHubError(error) || (error instanceof AppError && error.code === 'download-damaged' && damagedCount < DAMAGED_LIMIT),
    askedDelayMs,
    hasProgressed: () => {
      const isFurther = lastBytes > furthestBytes
      furthestBytes = Math.max(furthestBytes, lastBytes)
      return isFurther
    },
    clock,
    random,
    signal,
  })
}

/** Whether the complete blob is there: another program may have left half of one. */
async function isStored(path: string, sizeBytes: number): Promise<boolean> {
  return stat(path).then(
    (facts) => facts.isFile() && facts.size === sizeBytes,
    () => false,
  )
}

/** @returns the checksum of the complete file, of the same kind as its etag */
async function fetchRest(
  partial: FileHandle,
  { client, manifest, file, repo, signal }: DownloadFileOptions,
  onProgress: (doneBytes: number) => void,
): Promise<string> {
  let position = (await partial.stat()).size
  if (position > file.sizeBytes) {
    await partial.truncate(0)
    position = 0
  }
  let hash = beginHash(file)
  if (position > 0)
    for await (const chunk of createReadStream('', {
      fd: partial.fd,
      autoClose: false,
      start: 0,
      end: position - 1,
      highWaterMark: 1 << 20,
      signal,
    }))
      hash.update(chunk as Buffer)
  onProgress(position)
  if (position === file.sizeBytes) return hash.digest('hex')

  const { start, chunks } = await client.open(manifest, file, { start: position, end: file.sizeBytes }, signal)
  if (start !== position) {
    // The server does not support ranges, so the whole file is sent again.
    await partial.truncate(0)
    position = 0
    hash = beginHash(file)
  }
  const checkRoom = watchFreeSpace(repo.blobsDir, manifest.modelId)
  for await (const chunk of chunks) {
    if (position + chunk.length > file.sizeBytes)
      throw new AppError('hub-answer-invalid', `${client.endpoint} sent more data for ${file.path} than announced.`, { path: file.path })
    await checkRoom(chunk.length)
    for (let written = 0; written < chunk.length; )
      written += (await partial.write(chunk, written, chunk.length - written, position + written)).bytesWritten
    hash.update(chunk)
    position += chunk.length
    onProgress(position)
  }
  if (position < file.sizeBytes)
    throw new AppError(
      'hub-unreachable',
      `${client.endpoint} ended the response early, after ${position} of ${file.sizeBytes} bytes of ${file.path}. Try again to resume.`,
      { path: file.path },
    )
  return hash.digest('hex')
}

/** Large files are named by their sha256, small ones by their git sha1. */
function beginHash({ etag, sizeBytes }: HubFile): Hash {
  return etag.length === 64 ? createHash('sha256') : createHash('sha1').update(`blob ${sizeBytes}\0`)
}
