import { mkdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Clock } from '../../platform/clock.ts'
import type { Random } from '../../platform/random.ts'
import { MAIN_REVISION } from '../../shared/models/download.ts'
import type { ModelId } from '../../shared/ids.ts'
import { checkFreeSpace, explainFullDisk } from '../files/disk-space.ts'
import { downloadFile } from './download-file.ts'
import { mainAtHub } from './main-at-hub.ts'
import { withLock } from './download-lock.ts'
import { type CommitOrigin, hubRepo, isMoved, linkBlobs, writeRefOf } from '../files/hub-cache.ts'
import type { HubClient } from './hub-client.ts'
import type { HubManifest } from '../files/hub-file.ts'
import type { HubFile } from '../../shared/wire/peer/model-file-request.ts'
import { INDEX_FILE, neededFiles } from '../files/needed-files.ts'

const PARALLEL_FILES = 4
const Index = z.object({ weight_map: z.record(z.string(), z.string()) })

export interface DownloadModelOptions {
  readonly client: HubClient
  readonly cacheDir: string
  readonly modelId: ModelId
  /** A branch, a tag or a commit. Default: `main`. */
  readonly revision?: string | undefined
  /** The origin of a revision that is a commit. Absent: the revision itself. */
  readonly origin?: CommitOrigin | undefined
  readonly onProgress: (doneBytes: number, totalBytes: number) => void
  readonly clock: Clock
  readonly random: Random
  readonly firstDelayMs?: number
  readonly signal: AbortSignal
}

export interface DownloadedModel {
  readonly snapshotDir: string
  readonly commit: string
  readonly totalBytes: number
  /** The part of those bytes that was fetched from the internet this time. */
  readonly fetchedBytes: number
}

/**
 * Downloads the files needed to load a model into the hub's cache. It can be interrupted, cancelled or killed at any
 * time: the next call, in any process, continues from there. If several processes call it at once, one downloads and
 * the others wait.
 *
 * @throws AppError `disk-full` before the start or when the disk fills up, `download-damaged`, and the errors of the
 *   hub's client
 */
export async function downloadModel(options: DownloadModelOptions): Promise<DownloadedModel> {
  const { client, cacheDir, modelId, revision = MAIN_REVISION, clock, signal } = options
  const manifest = await client.manifest(modelId, revision, signal)
  const files = neededFiles(manifest.files, await indexedFiles(client, manifest, signal))
  const repo = hubRepo(cacheDir, modelId)
  const totalBytes = sum(files.map(({ sizeBytes }) => sizeBytes))
  const onWait = async (): Promise<void> => options.onProgress(await presentBytes(repo, manifest.commit, files), totalBytes)
  return withLock(join(repo.locksDir, 'exo-distributed.lock'), () => download(options, manifest, files, totalBytes), {
    clock,
    signal,
    onWait,
  }).then((fetchedBytes) => ({
    snapshotDir: repo.snapshot(manifest.commit),
    commit: manifest.commit,
    totalBytes,
    fetchedBytes,
  }))
}

async function download(
  options: DownloadModelOptions,
  manifest: HubManifest,
  files: readonly HubFile[],
  totalBytes: number,
): Promise<number> {
  const { client, cacheDir, modelId, revision = MAIN_REVISION, clock, random, firstDelayMs } = options
  const repo = hubRepo(cacheDir, modelId)
  const created = await mkdir(repo.blobsDir, { recursive: true })
  if (created !== undefined && created !== repo.blobsDir) await writeFile(repo.ownMark, '')
  const presentAtFirst = await presentBytes(repo, manifest.commit, files)
  await checkFreeSpace(repo.blobsDir, totalBytes - presentAtFirst, modelId)

  const doneBytes = new Map<HubFile, number>()
  let isOver = false
  const stop = new AbortController()
  const signal = AbortSignal.any([options.signal, stop.signal])
  const fetchOne = async (file: HubFile): Promise<void> => {
    const onProgress = (bytes: number): void => {
      doneBytes.set(file, bytes)
      if (!isOver) options.onProgress(sum([...doneBytes.values()]), totalBytes)
    }
    await downloadFile({
      client,
      manifest,
      file,
      repo,
      onProgress,
      clock,
      random,
      ...(firstDelayMs === undefined ? {} : { firstDelayMs }),
      signal,
    })
  }
  // Small files first, so that the last files to finish have similar sizes.
  const queue = [...new Map(files.map((file) => [file.etag, file])).values()].sort((a, b) => a.sizeBytes - b.sizeBytes)
  const work = async (): Promise<void> => {
    for (let file = queue.shift(); file; file = queue.shift()) await fetchOne(file)
  }
  try {
    // Waits for all workers, so that none of them writes after the lock is released.
    const workers = await Promise.allSettled(
      Array.from({ length: PARALLEL_FILES }, () =>
        work().catch((error: unknown) => {
          stop.abort(error)
          throw error
        }),
      ),
    )
    const failed = workers.some(({ status }) => status === 'rejected')
    if (failed) throw stop.signal.reason
    await linkBlobs(repo, manifest.commit, files)
    await writeRefOf(repo, manifest.commit, options.origin ?? { revision }, () => mainAtHub(client, modelId, clock, signal))
  } catch (error) {
    throw explainFullDisk(error, cacheDir, modelId)
  } finally {
    isOver = true
  }
  return Math.max(0, totalBytes - presentAtFirst)
}

/** The weight files that the model's index names; null without an index. */
export async function indexedFiles(client: HubClient, manifest: HubManifest, signal: AbortSignal): Promise<ReadonlySet<string> | null> {
  if (!manifest.files.some(({ path }) => path === INDEX_FILE)) return null
  const index = Index.safeParse(await client.readJson(manifest, INDEX_FILE, signal))
  return index.success ? new Set(Object.values(index.data.weight_map)) : null
}

/** Bytes of the files that are on the disk, complete or partial. */
async function presentBytes(repo: ReturnType<typeof hubRepo>, commit: string, files: readonly HubFile[]): Promise<number> {
  const sizeOf = (path: string): Promise<number> =>
    stat(path).then(
      (facts) => facts.size,
      () => 0,
    )
  const sizes = files.map(async (file) => {
    const { etag, sizeBytes } = file
    const isHere = (await sizeOf(repo.blob(etag))) === sizeBytes || (await isMoved(repo, commit, file))
    return isHere ? sizeBytes : Math.min(sizeBytes, await sizeOf(repo.partial(etag)))
  })
  return sum(await Promise.all(sizes))
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
