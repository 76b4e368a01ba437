import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { DurableFile } from '../../platform/files/durable-file.ts'
import { AppError } from '../../shared/app-error.ts'
import { watchFreeSpace } from './disk-space.ts'
import { HubManifest } from './hub-file.ts'
import { type HubFile, PresentRanges } from '../../shared/wire/peer/model-file-request.ts'
import { type ByteRange, type ByteRanges, joinRanges, lengthOf, subtractRanges } from './byte-ranges.ts'

/** In the folder of a model of which only parts are here: it is never taken for a whole one. */
export const PART_MARK = 'exo-parts.json'

const State = z.strictObject({
  manifest: HubManifest,
  /** Whether the hub itself named the files and their checksums. An older folder does not say: then a peer may have. */
  isFromHub: z.boolean().default(false),
  present: PresentRanges,
  verified: z.array(z.string()),
  hubBytes: z.int().min(0),
})
type State = z.infer<typeof State>

/**
 * Files of a model at one commit, of which some bytes are here: as long as the whole files, and empty where nothing has
 * come, so that what reads only its own tensors finds them where it expects them.
 */
export class PartFolder {
  readonly dir: string
  readonly manifest: HubManifest
  readonly #present: Map<string, ByteRanges>
  /** Written, but not yet safe from a loss of power: others may have it, the next run may not. */
  readonly #arriving = new Map<string, Set<ByteRange>>()
  /** Files that are here in full and have been compared with their checksums. */
  readonly #verified: Set<string>
  readonly #file: DurableFile<State>
  #hubBytes: number
  #isFromHub: boolean

  private constructor(dir: string, { manifest, isFromHub, present, verified, hubBytes }: State) {
    this.#isFromHub = isFromHub
    this.#hubBytes = hubBytes
    this.#verified = new Set(verified)
    this.dir = dir
    this.#file = markOf(dir)
    this.manifest = manifest
    this.#present = new Map(Object.entries(present).map(([path, ranges]) => [path, joinRanges(ranges)]))
  }

  /** The folder as an earlier run left it; null where there is none. */
  static async find(dir: string): Promise<PartFolder | null> {
    const state = await markOf(dir).read()
    return state && new PartFolder(dir, state)
  }

  static async create(dir: string, manifest: HubManifest, { isFromHub }: { readonly isFromHub: boolean }): Promise<PartFolder> {
    await rm(dir, { recursive: true, force: true })
    await mkdir(dir, { recursive: true })
    const folder = new PartFolder(dir, { manifest, isFromHub, present: {}, verified: [], hubBytes: 0 })
    await folder.save()
    return folder
  }

  async isThere(): Promise<boolean> {
    return stat(join(this.dir, PART_MARK)).then(
      () => true,
      () => false,
    )
  }

  file(path: string): HubFile {
    const file = this.manifest.files.find((candidate) => candidate.path === path)
    if (!file)
      throw new AppError('model-damaged', `${this.manifest.modelId} has no file ${path} at commit ${this.manifest.commit}.`, { path })
    return file
  }

  pathOf(path: string): string {
    return join(this.dir, ...path.split('/'))
  }

  present(path: string): ByteRanges {
    return this.#present.get(path) ?? []
  }

  /** What the internet brought, in this run and in earlier ones. */
  get hubBytes(): number {
    return this.#hubBytes
  }

  /** Whether the hub vouches for the manifest. What only a peer vouches for stays in this folder. */
  get isFromHub(): boolean {
    return this.#isFromHub
  }

  /** The hub has confirmed the manifest. */
  async confirm(): Promise<void> {
    this.#isFromHub = true
    await this.save()
  }

  countHubBytes(count: number): void {
    this.#hubBytes += count
  }

  /** What can be read: also what has just been written. */
  allPresent(): PresentRanges {
    const paths = new Set([...this.#present.keys(), ...this.#arriving.keys()])
    return Object.fromEntries(
      [...paths].map((path) => [path, [...joinRanges([...this.present(path), ...(this.#arriving.get(path) ?? [])])]]),
    )
  }

  missing(path: string, range: ByteRange): ByteRanges {
    return subtractRanges(joinRanges([range]), this.present(path))
  }

  isWhole(path: string): boolean {
    return lengthOf(this.present(path)) === this.file(path).sizeBytes
  }

  async read(path: string, { start, end }: ByteRange): Promise<Buffer> {
    const file = await open(this.pathOf(path))
    try {
      const bytes = Buffer.alloc(end - start)
      for (let done = 0; done < bytes.length; ) {
        const { bytesRead } = await file.read(bytes, done, bytes.length - done, start + done)
        if (bytesRead === 0)
          throw new AppError('model-damaged', `${this.pathOf(path)} is shorter than before: download the model again.`, { path })
        done += bytesRead
      }
      return bytes
    } finally {
      await file.close()
    }
  }

  /**
   * Writes what `chunks` brings from `start` on; what has come counts as here even when it ends early.
   *
   * @returns where it ended
   */
  async write(path: string, range: ByteRange, chunks: AsyncIterable<Uint8Array>, onBytes: (count: number) => void): Promise<number> {
    await mkdir(dirname(this.pathOf(path)), { recursive: true })
    const file = await open(this.pathOf(path), 'a').then(async (created) => {
      await created.close()
      return open(this.pathOf(path), 'r+')
    })
    let position = range.start
    const arriving = this.#arriving.get(path) ?? new Set<ByteRange>()
    this.#arriving.set(path, arriving)
    const arrived = { start: range.start, end: range.start }
    arriving.add(arrived)
    try {
      if ((await file.stat()).size !== this.file(path).sizeBytes) await file.truncate(this.file(path).sizeBytes)
      const checkRoom = watchFreeSpace(this.dir, this.manifest.modelId)
      for await (const chunk of chunks) {
        const wanted = chunk.subarray(0, range.end - position)
        await checkRoom(wanted.length)
        for (let written = 0; written < wanted.length; )
          written += (await file.write(wanted, written, wanted.length - written, position + written)).bytesWritten
        position += wanted.length
        arrived.end = position
        onBytes(wanted.length)
        if (position === range.end) break
      }
    } finally {
      try {
        await file.datasync()
        this.#present.set(path, joinRanges([...this.present(path), { start: range.start, end: position }]))
      } finally {
        arriving.delete(arrived)
        await file.close()
      }
      await this.save()
    }
    return position
  }

  /** Whether a file that is here in full is what its name at the hub says. If not, it is forgotten. */
  async verify(path: string): Promise<boolean> {
    if (this.#verified.has(path)) return true
    const { etag, sizeBytes } = this.file(path)
    const hash = etag.length === 64 ? createHash('sha256') : createHash('sha1').update(`blob ${sizeBytes}\0`)
    if (sizeBytes > 0)
      for await (const chunk of createReadStream(this.pathOf(path), { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer)
    if (hash.digest('hex') !== etag) {
      await this.forget(path)
      return false
    }
    this.#verified.add(path)
    await this.save()
    return true
  }

  /** What is here of a file counts no more. */
  async forget(path: string): Promise<void> {
    this.#present.delete(path)
    await this.save()
  }

  /** Makes a file without bytes. */
  async touch(path: string): Promise<void> {
    await mkdir(dirname(this.pathOf(path)), { recursive: true })
    if (!(await stat(this.pathOf(path)).catch(() => null))) await writeFile(this.pathOf(path), '')
  }

  /** What is here, for the next run, as it is when this write's turn comes. */
  async save(): Promise<void> {
    await this.#file.change(() => ({
      manifest: this.manifest,
      isFromHub: this.#isFromHub,
      present: Object.fromEntries([...this.#present].map(([path, ranges]) => [path, [...ranges]])),
      verified: [...this.#verified],
      hubBytes: this.#hubBytes,
    }))
  }
}

/**
 * A folder that was deleted meanwhile is not made again; a mark that this version did not write counts as none, and its files are fetched
 * again.
 */
function markOf(dir: string): DurableFile<State> {
  return new DurableFile({
    path: join(dir, PART_MARK),
    parse: (text) => State.parse(JSON.parse(text)),
    format: (state) => JSON.stringify(state),
    makesFolder: false,
    isExpendable: true,
  })
}
