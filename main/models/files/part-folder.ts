import { createHash } from 'node:crypto'
import { mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { openRegularFile, openRegularFileToWrite } from '../../platform/files/regular-file.ts'
import { DurableFile } from '../../platform/files/durable-file.ts'
import { AppError } from '../../shared/app-error.ts'
import { watchFreeSpace } from './disk-space.ts'
import { HubManifest } from './hub-file.ts'
import { type HubFile, PresentRanges } from '../../shared/wire/peer/model-file-request.ts'
import { type ByteRange, type ByteRanges, joinRanges, lengthOf, subtractRanges } from './byte-ranges.ts'

/** Marks the folder of a model that is only partly here, so that it is never mistaken for a complete one. */
export const PART_MARK = 'exo-parts.json'

const State = z.strictObject({
  manifest: HubManifest,
  /**
   * Whether the hub itself provided the list of files and checksums. Folders of older versions do not record it: the
   * list may have come from a peer.
   */
  isFromHub: z.boolean().default(false),
  present: PresentRanges,
  verified: z.array(z.string()),
  hubBytes: z.int().min(0),
})
type State = z.infer<typeof State>

/**
 * Files of a model at one commit of which only some bytes are here. Each file has its full length and holes for missing
 * bytes, so that a reader of some tensors finds them at their usual offsets.
 */
export class PartFolder {
  readonly dir: string
  readonly manifest: HubManifest
  readonly #present: Map<string, ByteRanges>
  /** Written, but not yet flushed: other nodes may read these bytes, but the next run must not rely on them. */
  readonly #arriving = new Map<string, Set<ByteRange>>()
  /** Files that are complete and match their checksums. */
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

  /** The folder left by an earlier run; null if there is none. */
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

  /** Bytes fetched from the internet, in this run and earlier ones. */
  get hubBytes(): number {
    return this.#hubBytes
  }

  /** Whether the hub vouches for the manifest. Files that only a peer vouches for stay in this folder. */
  get isFromHub(): boolean {
    return this.#isFromHub
  }

  /** Records that the hub has confirmed the manifest. */
  async confirm(): Promise<void> {
    this.#isFromHub = true
    await this.save()
  }

  countHubBytes(count: number): void {
    this.#hubBytes += count
  }

  /** The ranges that can be read, including those just written. */
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
    const file = await openRegularFile(this.pathOf(path))
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
   * Writes `chunks` from the start of the range on. Bytes that arrived are kept even if the chunks end early.
   *
   * @returns the offset after the last byte written
   */
  async write(path: string, range: ByteRange, chunks: AsyncIterable<Uint8Array>, onBytes: (count: number) => void): Promise<number> {
    await mkdir(dirname(this.pathOf(path)), { recursive: true })
    const file = await openRegularFileToWrite(this.pathOf(path), 'over')
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

  /** Whether a complete file matches its checksum at the hub. If not, its bytes are discarded. */
  async verify(path: string): Promise<boolean> {
    if (this.#verified.has(path)) return true
    const { etag, sizeBytes } = this.file(path)
    const hash = etag.length === 64 ? createHash('sha256') : createHash('sha1').update(`blob ${sizeBytes}\0`)
    if (sizeBytes > 0)
      for await (const chunk of (await openRegularFile(this.pathOf(path))).createReadStream({ highWaterMark: 1 << 20 }))
        hash.update(chunk as Buffer)
    if (hash.digest('hex') !== etag) {
      await this.forget(path)
      return false
    }
    this.#verified.add(path)
    await this.save()
    return true
  }

  /** Discards the bytes of a file. */
  async forget(path: string): Promise<void> {
    this.#present.delete(path)
    await this.save()
  }

  /** Creates an empty file. */
  async touch(path: string): Promise<void> {
    await mkdir(dirname(this.pathOf(path)), { recursive: true })
    if (!(await stat(this.pathOf(path)).catch(() => null))) await writeFile(this.pathOf(path), '')
  }

  /** Saves the state for the next run, as it is when this write starts. */
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
 * Does not recreate a folder that was deleted in the meantime. A mark that this version cannot read counts as missing,
 * and the files are fetched again.
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
