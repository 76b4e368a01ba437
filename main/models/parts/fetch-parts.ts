import type { Clock } from '../../platform/clock.ts'
import type { Random } from '../../platform/random.ts'
import { retry } from '../../platform/waiting/retry.ts'
import { AppError, errorCode } from '../../shared/app-error.ts'
import type { NodeId } from '../../shared/ids.ts'
import { parsePythonJson } from '../../shared/formats/parse-python-json.ts'
import { checkFreeSpace, explainFullDisk } from '../files/disk-space.ts'
import type { HubClient } from '../hub/hub-client.ts'
import { askedDelayMs, isRetryableHubError } from '../hub/hub-error.ts'
import { INDEX_FILE, isSupportFile, neededFiles } from '../files/needed-files.ts'
import { type ByteRange, type ByteRanges, lengthOf } from '../files/byte-ranges.ts'
import { obtainPieces, type ObtainOptions, type PieceSources } from './obtain-pieces.ts'
import type { PartFolder } from '../files/part-folder.ts'
import { headerEnd, PREFIX_BYTES, readTensorPlaces } from './read-tensor-places.ts'
import { type Piece, sharePieces } from './share-pieces.ts'
import { isHeadTied, neededRanges, type ShardPart, type TensorPlace } from '../files/shard-tensors.ts'

/** The rank that fetches headers, index and settings, which are small and needed by all. */
const FIRST_OWNER = 0
const ATTEMPTS = 6

export interface FetchPartsOptions {
  readonly folder: PartFolder
  readonly client: HubClient
  readonly peers: Omit<PieceSources, 'fromHub'>
  /** The parts that each rank needs; shape [ranks]. Empty: only the files that describe the model, no weights. */
  readonly parts: readonly ShardPart[]
  /** Shape [ranks]. */
  readonly ranks: readonly NodeId[]
  readonly rank: number
  readonly withWeights: boolean
  readonly onProgress: (progress: PartProgress) => void
  readonly clock: Clock
  readonly random: Random
  readonly firstDelayMs?: number
  readonly signal: AbortSignal
}

export interface PartProgress {
  readonly doneBytes: number
  readonly totalBytes: number
  readonly source: NodeId | 'hub'
  /** Bytes copied from peers, plus bytes of the model that are not needed here. */
  readonly savedBytes: number
}

export interface FetchedParts {
  /** Size of all files of the complete model. */
  readonly modelBytes: number
  /** The part of those bytes that this node needs. */
  readonly neededBytes: number
  readonly hubBytes: number
  readonly peerBytes: number
}

/**
 * Fetches the files that a shard needs: settings, tokenizer, the headers of the weight files, and its own tensors.
 * Bytes that other nodes hold or are fetching are copied from them.
 *
 * @throws AppError `disk-full`, `download-damaged`, `model-damaged`, and the errors of the hub's client
 */
export async function fetchParts(options: FetchPartsOptions): Promise<FetchedParts> {
  const { folder, parts, rank, signal, clock, ranks } = options
  const { manifest } = folder
  const counts = { hub: 0, peers: 0, done: 0, needed: 0, unneeded: 0 }
  const onBytes = (count: number, source: NodeId | 'hub'): void => {
    counts[source === 'hub' ? 'hub' : 'peers'] += count
    counts.done += count
    if (source === 'hub') folder.countHubBytes(count)
    options.onProgress({
      doneBytes: Math.min(counts.done, counts.needed),
      totalBytes: counts.needed,
      source,
      savedBytes: counts.peers + counts.unneeded,
    })
  }
  /** False once received data fails the hub's checksums: a peer that sent wrong data once may do so again. */
  let areBelieved = true
  const obtain = async (pieces: readonly Piece[]): Promise<void> => {
    const pieceBytes = lengthOf(pieces)
    const missingBytes = pieces.reduce((sum, piece) => sum + lengthOf(folder.missing(piece.path, piece)), 0)
    counts.needed += pieceBytes
    counts.done += pieceBytes - missingBytes
    await checkFreeSpace(folder.dir, missingBytes, manifest.modelId)
    const sources: PieceSources = {
      ...options.peers,
      peers: () => (areBelieved ? options.peers.peers() : []),
      fromHub: (path, range, hubSignal) => fromHub(options, path, range, (count) => onBytes(count, 'hub'), hubSignal),
    }
    const obtainOptions: ObtainOptions = { folder, sources, ranks, rank, onBytes, clock, signal }
    await obtainPieces(pieces, obtainOptions).catch((error: unknown) => {
      throw explainFullDisk(error, folder.dir, manifest.modelId)
    })
  }
  const obtainFiles = async (paths: readonly string[]): Promise<void> => {
    const wanted = ({ sizeBytes }: { sizeBytes: number }): ByteRanges => [{ start: 0, end: sizeBytes }]
    for (const path of paths) if (folder.file(path).sizeBytes === 0) await folder.touch(path)
    const pieces = (): Piece[] =>
      paths.flatMap((path) =>
        sharePieces(
          path,
          parts.map(() => wanted(folder.file(path))),
          rank,
        ).map((piece) => ({ ...piece, owner: FIRST_OWNER })),
      )
    await obtain(pieces())
    const damaged = await damagedOf(folder, paths)
    if (damaged.length === 0) return
    areBelieved = !folder.isFromHub
    await obtain(pieces())
    refuseDamaged(folder, await damagedOf(folder, damaged))
  }

  await obtainFiles(manifest.files.map(({ path }) => path).filter(isSupportFile))
  const weightPaths = neededFiles(manifest.files, await indexedFiles(folder))
    .map(({ path }) => path)
    .filter((path) => path.endsWith('.safetensors'))
  const supportBytes = manifest.files.filter(({ path }) => isSupportFile(path)).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  const modelBytes = supportBytes + weightPaths.reduce((sum, path) => sum + folder.file(path).sizeBytes, 0)
  if (options.withWeights) {
    const tensors = await readHeaders(folder, weightPaths, obtain)
    const config = parsePythonJson(
      (await folder.read('config.json', { start: 0, end: folder.file('config.json').sizeBytes })).toString('utf8'),
    ) as Record<string, unknown>
    const isTied = isHeadTied(
      config,
      [...tensors.values()].flat().map(({ name }) => name),
    )
    const pieces = (): Piece[] =>
      weightPaths.flatMap((path) =>
        sharePieces(
          path,
          parts.map((part) => neededRanges(part, tensors.get(path) ?? [], isTied)),
          rank,
        ),
      )
    counts.unneeded = modelBytes - counts.needed - lengthOf(pieces())
    await obtain(pieces())
    const damaged = await damagedOf(folder, weightPaths)
    if (damaged.length > 0) {
      areBelieved = !folder.isFromHub
      await readHeaders(folder, damaged, obtain)
      await obtain(pieces())
      refuseDamaged(folder, await damagedOf(folder, damaged))
    }
  }
  return { modelBytes, neededBytes: counts.needed, hubBytes: counts.hub, peerBytes: counts.peers }
}

/** The location of every tensor, from the headers of the weight files. Damaged headers are fetched once more. */
async function readHeaders(
  folder: PartFolder,
  paths: readonly string[],
  obtain: (pieces: readonly Piece[]) => Promise<void>,
): Promise<Map<string, TensorPlace[]>> {
  return tryHeaders(folder, paths, obtain).catch(async (error: unknown) => {
    if (errorCode(error) !== 'model-damaged') throw error
    return tryHeaders(folder, paths, obtain)
  })
}

async function tryHeaders(
  folder: PartFolder,
  paths: readonly string[],
  obtain: (pieces: readonly Piece[]) => Promise<void>,
): Promise<Map<string, TensorPlace[]>> {
  const orForget = async <Result>(path: string, read: () => Result): Promise<Result> => {
    try {
      return read()
    } catch (error) {
      await folder.forget(path)
      throw error
    }
  }
  await obtain(paths.map((path) => ({ path, start: 0, end: PREFIX_BYTES, owner: FIRST_OWNER })))
  const ends = new Map<string, number>()
  for (const path of paths) {
    const prefix = await folder.read(path, { start: 0, end: PREFIX_BYTES })
    ends.set(path, await orForget(path, () => headerEnd(path, prefix, folder.file(path).sizeBytes)))
  }
  const header = (path: string): ByteRange => ({ start: PREFIX_BYTES, end: ends.get(path) ?? PREFIX_BYTES })
  await obtain(paths.map((path) => ({ path, ...header(path), owner: FIRST_OWNER })))
  const tensors = new Map<string, TensorPlace[]>()
  for (const path of paths) {
    const text = await folder.read(path, header(path))
    tensors.set(path, await orForget(path, () => readTensorPlaces(path, text, folder.file(path).sizeBytes)))
  }
  return tensors
}

async function indexedFiles(folder: PartFolder): Promise<ReadonlySet<string> | null> {
  const file = folder.manifest.files.find(({ path }) => path === INDEX_FILE)
  if (!file) return null
  const index = parsePythonJson((await folder.read(INDEX_FILE, { start: 0, end: file.sizeBytes })).toString('utf8')) as {
    weight_map?: Record<string, string>
  }
  return new Set(Object.values(index.weight_map ?? {}))
}

/** Files that are complete but do not match their checksums. They are discarded, to be fetched again. */
async function damagedOf(folder: PartFolder, paths: readonly string[]): Promise<string[]> {
  const damaged: string[] = []
  for (const path of paths) if (folder.isWhole(path) && !(await folder.verify(path))) damaged.push(path)
  return damaged
}

function refuseDamaged(folder: PartFolder, damaged: readonly string[]): void {
  const [path] = damaged
  if (path !== undefined)
    throw new AppError(
      'download-damaged',
      `${path} of ${folder.manifest.modelId} does not match the checksum of the hub. Try again later, or from another network.`,
      { path },
    )
}

async function fromHub(
  { folder, client, clock, random, firstDelayMs = 500 }: FetchPartsOptions,
  path: string,
  range: ByteRange,
  onBytes: (count: number) => void,
  signal: AbortSignal,
): Promise<void> {
  let { start } = range
  let triedFrom = -1
  const fetchRest = async (): Promise<void> => {
    triedFrom = start
    const { start: from, chunks } = await client.open(folder.manifest, folder.file(path), { start, end: range.end }, signal)
    start = await folder.write(path, { start, end: range.end }, skip(chunks, start - from), onBytes).catch((error: unknown) => {
      start = folder.missing(path, range)[0]?.start ?? range.end
      throw error
    })
    if (start < range.end)
      throw new AppError('hub-unreachable', `${client.endpoint} ended the response for ${path} early. Try again to resume.`, {
        path,
      })
  }
  await retry(fetchRest, {
    attempts: ATTEMPTS,
    firstDelayMs,
    maxDelayMs: 20_000,
    isRetryable: isRetryableHubError,
    askedDelayMs,
    hasProgressed: () => start > triedFrom,
    clock,
    random,
    signal,
  })
}

/** Skips the start of an answer from a server that does not support ranges. */
async function* skip(chunks: AsyncIterable<Uint8Array>, skippedBytes: number): AsyncGenerator<Uint8Array> {
  let left = skippedBytes
  for await (const chunk of chunks) {
    if (left < chunk.length) yield chunk.subarray(left)
    left = Math.max(0, left - chunk.length)
  }
}
