import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { AppError } from '../../shared/app-error.ts'
import type { ModelId } from '../../shared/ids.ts'
import { type ByteChannel, encodeJson, type ModelFileList, ModelFileRequest } from './model-file-messages.ts'
import { type HeldParts, serveHoldings, serveRange } from './serve-parts.ts'

const CHUNK_BYTES = 256 * 1024

/** Code is never copied: nothing of a model folder is ever run. */
const COPIED_FILES = /\.(json|safetensors|jinja|txt|model|tiktoken)$/

/** Where the files are that are served. */
export interface ServedModels {
  /** Of a whole model. */
  modelDirOf(modelId: ModelId): Promise<string>
  /** Of a model of the hub, whole or in parts. */
  held(modelId: ModelId, commit: string): Promise<HeldParts>
}

/**
 * Answers one request for files of a model that is here.
 *
 * @throws AppError `model-not-found`, `model-file-not-found`; the asking node sees the same
 */
export async function serveModelFiles(channel: ByteChannel, header: unknown, models: ServedModels): Promise<void> {
  const request = ModelFileRequest.parse(header)
  if (request.type === 'holdings') return serveHoldings(channel, await models.held(request.modelId, request.commit))
  if (request.type === 'range') return serveRange(channel, () => models.held(request.modelId, request.commit), request)
  const modelDir = await models.modelDirOf(request.modelId)
  const list = await listModelFiles(modelDir)
  if (request.type === 'list') return channel.send(encodeJson(list))

  const file = list.files.find(({ path }) => path === request.path)
  if (!file || request.start > file.sizeBytes) throw new AppError('model-file-not-found', `${request.modelId} has no file ${request.path} of that size here.`, { path: request.path })
  const hash = createHash('sha256')
  let offset = 0
  for await (const chunk of createReadStream(join(modelDir, ...file.path.split('/')), { highWaterMark: CHUNK_BYTES, signal: channel.signal })) {
    const bytes = chunk as Buffer
    hash.update(bytes)
    // What the other side has already is read for the checksum alone.
    const skipped = Math.min(bytes.length, Math.max(0, request.start - offset))
    if (skipped < bytes.length) await channel.send(bytes.subarray(skipped))
    offset += bytes.length
  }
  await channel.send(encodeJson({ sha256: hash.digest('hex') }))
}

/** The files that another node needs to load the model, sorted. Links are followed: the hub's cache is made of them. */
export async function listModelFiles(modelDir: string): Promise<ModelFileList> {
  const root = await realpath(modelDir)
  const entries = await readdir(root, { recursive: true })
  const files: ModelFileList['files'] = []
  for (const entry of entries.sort()) {
    const facts = await stat(join(root, entry)).catch(() => null)
    if (!facts?.isFile() || !COPIED_FILES.test(entry) || entry.split(sep).some((part) => part.startsWith('.'))) continue
    files.push({ path: relative(root, join(root, entry)).split(sep).join('/'), sizeBytes: facts.size })
  }
  return { files }
}
