import { createHash } from 'node:crypto'
import { readdir, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, sep } from 'node:path'
import { openRegularFile } from '../../platform/files/regular-file.ts'
import { AppError } from '../../shared/app-error.ts'
import type { ModelId } from '../../shared/ids.ts'
import { parseSaid } from '../../shared/wire/peer/parse-tolerantly.ts'
import { weightFileNames } from '../files/model-weight-files.ts'
import { type ByteChannel, encodeJson } from '../files/byte-channel.ts'
import { type ModelFileList, ModelFileRequest } from '../../shared/wire/peer/model-file-request.ts'
import { type HeldParts, serveHoldings, serveRange } from './serve-parts.ts'

const CHUNK_BYTES = 256 * 1024

/** The top-level files of a model folder that are needed to load it. Code is never copied, and nothing in a model folder is ever run. */
const MODEL_FILES = [
  /^(config|generation_config|processor_config|preprocessor_config|model[\w.-]*\.index)\.json$/,
  /^(tokenizer|tokenizer_config|special_tokens_map|added_tokens|vocab|chat_template)\.json$/,
  /^(chat_template\.jinja|merges\.txt|vocab\.txt|[\w.-]+\.tiktoken)$/,
  /^[\w.-]*(tokenizer|tiktoken|spiece|sentencepiece)[\w.-]*\.model$/,
]

/** Locates the files to serve. */
export interface ServedModels {
  /** The folder of a complete model. */
  modelDirOf(modelId: ModelId): Promise<string>
  /** The parts held of a model of the hub, complete or not. */
  held(modelId: ModelId, commit: string): Promise<HeldParts>
}

/**
 * Answers one request for files of a model on this node.
 *
 * @throws AppError `model-not-found`, `model-file-not-found`; the requesting node sees the same error
 */
export async function serveModelFiles(channel: ByteChannel, header: unknown, models: ServedModels): Promise<void> {
  const request = parseSaid(ModelFileRequest, header)
  if (request.type === 'holdings') return serveHoldings(channel, await models.held(request.modelId, request.commit))
  if (request.type === 'range') return serveRange(channel, () => models.held(request.modelId, request.commit), request)
  const modelDir = await models.modelDirOf(request.modelId)
  const list = await listModelFiles(modelDir)
  if (request.type === 'list') return channel.send(encodeJson(list))

  const file = list.files.find(({ path }) => path === request.path)
  if (!file || request.start > file.sizeBytes)
    throw new AppError('model-file-not-found', `${request.modelId} has no file ${request.path} of that size on this node.`, {
      path: request.path,
    })
  const hash = createHash('sha256')
  let offset = 0
  const opened = await openRegularFile(join(modelDir, file.path))
  for await (const chunk of opened.createReadStream({ highWaterMark: CHUNK_BYTES, signal: channel.signal })) {
    const bytes = chunk as Buffer
    hash.update(bytes)
    // Bytes that the other side already has are read only for the checksum.
    const skipped = Math.min(bytes.length, Math.max(0, request.start - offset))
    if (skipped < bytes.length) await channel.send(bytes.subarray(skipped))
    offset += bytes.length
  }
  await channel.send(encodeJson({ sha256: hash.digest('hex') }))
}

/**
 * The files that another node needs to load the model, sorted. Links out of the folder are left out, except the links
 * of the hub's cache to its own blobs.
 */
async function listModelFiles(modelDir: string): Promise<ModelFileList> {
  const root = await realpath(modelDir)
  const repo = basename(dirname(root)) === 'snapshots' ? dirname(dirname(root)) : null
  const roots = repo === null ? [root] : [root, join(repo, 'blobs')]
  const weights = new Set(await weightFileNames(root))
  const files: ModelFileList['files'] = []
  for (const name of (await readdir(root)).sort()) {
    if (!MODEL_FILES.some((pattern) => pattern.test(name)) && !weights.has(name)) continue
    const target = await realpath(join(root, name)).catch(() => null) // a broken link
    if (target === null || !roots.some((folder) => target.startsWith(folder + sep))) continue
    const facts = await stat(target)
    if (facts.isFile()) files.push({ path: name, sizeBytes: facts.size })
  }
  return { files }
}
