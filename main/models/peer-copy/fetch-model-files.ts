import { createHash, type Hash } from 'node:crypto'
import { mkdir, rename, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { openRegularFile, openRegularFileToWrite } from '../../platform/files/regular-file.ts'
import { AppError } from '../../shared/app-error.ts'
import type { ModelId } from '../../shared/ids.ts'
import { checkFreeSpace, explainFullDisk, watchFreeSpace } from '../files/disk-space.ts'
import { type ByteChannel, decodeJson } from '../files/byte-channel.ts'
import { ModelFileEnd, ModelFileList, type ModelFileRequest } from '../../shared/wire/peer/model-file-request.ts'

export interface FetchModelFilesOptions {
  readonly modelId: ModelId
  /** Created by a rename at the end. Until then the files are in `<targetDir>.partial`, and a later call continues from them. */
  readonly targetDir: string
  /** Selects the files to copy, by their paths in the folder. */
  readonly wants: (path: string) => boolean
  readonly openChannel: (request: ModelFileRequest, signal: AbortSignal) => ByteChannel
  readonly onProgress: (doneBytes: number, totalBytes: number) => void
  readonly signal: AbortSignal
}

/**
 * Copies a model from another node and continues where an earlier attempt stopped.
 *
 * @throws AppError `disk-full` before the start or when the disk fills up, `copy-damaged` if a checksum does not match
 *   (that file starts again at the next attempt), and the errors of the other node and the link
 */
export async function fetchModelFiles(options: FetchModelFilesOptions): Promise<void> {
  const { modelId, targetDir, signal } = options
  const partialDir = `${targetDir}.partial`
  if (await isFolder(targetDir)) return
  const files = (await fetchList(options)).files.filter(({ path }) => options.wants(path))
  await mkdir(partialDir, { recursive: true })
  const totalBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0)
  const present = await Promise.all(files.map(({ path }) => sizeOf(join(partialDir, path))))
  await checkFreeSpace(partialDir, totalBytes - present.reduce((sum, size) => sum + size, 0), modelId)

  let doneBytes = 0
  for (const file of files) {
    await fetchFile(options, join(partialDir, ...file.path.split('/')), file, (bytes) => {
      doneBytes += bytes
      options.onProgress(doneBytes, totalBytes)
    })
    signal.throwIfAborted()
  }
  await rename(partialDir, targetDir)
}

async function fetchList({ openChannel, modelId, signal }: FetchModelFilesOptions): Promise<ModelFileList> {
  const channel = openChannel({ type: 'list', modelId }, signal)
  await channel.end()
  const answer = await channel.receive()
  if (answer === null) throw new AppError('model-not-found', `The other node did not list the files of ${modelId}.`, { modelId })
  return decodeJson(ModelFileList, answer)
}

async function fetchFile(
  options: FetchModelFilesOptions,
  target: string,
  file: ModelFileList['files'][number],
  onBytes: (count: number) => void,
): Promise<void> {
  const { modelId, openChannel, signal } = options
  await mkdir(dirname(target), { recursive: true })
  const found = await sizeOf(target)
  const start = found > file.sizeBytes ? 0 : found
  const hash = createHash('sha256')
  if (start > 0) await hashFile(target, start, hash)
  onBytes(start)

  const channel = openChannel({ type: 'file', modelId, path: file.path, start }, signal)
  const output = await openRegularFileToWrite(target, start > 0 ? 'over' : 'anew')
  const checkRoom = watchFreeSpace(dirname(target), modelId)
  /** The write of the previous chunk: it overlaps with receiving the next one. */
  let written: Promise<unknown> = Promise.resolve()
  try {
    await channel.end()
    let position = start
    while (position < file.sizeBytes) {
      const chunk = await channel.receive()
      if (chunk === null || position + chunk.length > file.sizeBytes)
        throw new AppError('copy-damaged', `The copy of ${file.path} from another node was interrupted.`, { path: file.path })
      await written
      await checkRoom(chunk.length)
      written = output.write(chunk, 0, chunk.length, position)
      // Awaited at the next chunk, which may take long to arrive.
      written.catch(() => undefined)
      hash.update(chunk)
      position += chunk.length
      onBytes(chunk.length)
    }
    await written
    const end = await channel.receive()
    const sha256 = end === null ? null : decodeJson(ModelFileEnd, end).sha256
    await output.sync()
    if (sha256 !== hash.digest('hex')) {
      await output.truncate(0)
      throw new AppError('copy-damaged', `The copy of ${file.path} does not match the original. The next attempt downloads it again.`, {
        path: file.path,
      })
    }
  } catch (error) {
    channel.cancel('cancelled', 'The copy was cancelled.')
    await Promise.allSettled([written])
    throw explainFullDisk(error, dirname(target), modelId)
  } finally {
    await output.close()
  }
}

async function hashFile(path: string, lengthBytes: number, hash: Hash): Promise<void> {
  for await (const chunk of (await openRegularFile(path)).createReadStream({ end: lengthBytes - 1 })) hash.update(chunk as Buffer)
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (facts) => facts.isDirectory(),
    () => false,
  )
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    (facts) => facts.size,
    () => 0,
  )
}
