import { type FileHandle } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { openRegularFile } from '../../platform/files/regular-file.ts'
import { AppError } from '../../shared/app-error.ts'
import { ggufMetadata } from './gguf-metadata.ts'
import type { GgufHeader } from './parse-gguf-header.ts'
import { readGgufHeader } from './read-gguf-header.ts'

const MOST_PARTS = 1_000

/** A model is one file, or several named NAME-00001-of-00003.gguf, each with its own header and tensors. */
export interface GgufPart {
  readonly file: FileHandle
  readonly fileBytes: number
  readonly header: GgufHeader
}

export interface OpenGguf {
  /** In order; the first one has the model's metadata. */
  readonly parts: readonly GgufPart[]
  close(): Promise<void>
}

/**
 * Opens a GGUF file and, if it is part of a model, all parts beside it.
 *
 * @param path - the file, or any part of the model
 * @throws AppError `model-not-found` | `model-damaged` | `model-unsupported`
 */
export async function openGguf(path: string): Promise<OpenGguf> {
  const parts: GgufPart[] = []
  const close = async (): Promise<void> => {
    await Promise.all(parts.map(({ file }) => file.close()))
  }
  try {
    for (const partPath of pathsOfParts(path)) parts.push(await openPart(partPath))
    checkParts(parts, path)
    return { parts, close }
  } catch (error) {
    await close()
    throw error
  }
}

function pathsOfParts(path: string): string[] {
  const [, stem, , count] = /^(.*)-(\d{5})-of-(\d{5})\.gguf$/i.exec(basename(path)) ?? []
  if (stem === undefined || count === undefined || Number(count) < 1 || Number(count) > MOST_PARTS) return [path]
  return Array.from({ length: Number(count) }, (_, index) =>
    join(dirname(path), `${stem}-${String(index + 1).padStart(5, '0')}-of-${count}.gguf`),
  )
}

async function openPart(path: string): Promise<GgufPart> {
  const file = await openRegularFile(path).catch((cause: unknown) => {
    throw new AppError('model-not-found', `${path} does not exist or cannot be read.`, { path }, cause)
  })
  try {
    const stat = await file.stat()
    if (!stat.isFile()) throw new AppError('model-damaged', `${path} is not a file.`, { path })
    return { file, fileBytes: stat.size, header: await readGgufHeader(file, stat.size) }
  } catch (error) {
    await file.close()
    throw error
  }
}

/** Every part says how many there are, and its place among them. */
function checkParts(parts: readonly GgufPart[], path: string): void {
  parts.forEach(({ header }, index) => {
    const metadata = ggufMetadata(header)
    const count = metadata.number('split.count') ?? 1
    const place = metadata.number('split.no') ?? 0
    if (count === Math.max(1, parts.length) && place === index) return
    throw new AppError(
      'model-damaged',
      count > 1 && parts.length === 1
        ? `${path} is one of ${count} parts of a model. Put all parts into one folder, under the names they were published with.`
        : `The parts of the model beside ${path} do not belong together: download them again.`,
      { path, count, place, parts: parts.length },
    )
  })
}
