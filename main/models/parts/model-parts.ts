import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../../platform/clock.ts'
import type { Log } from '../../platform/log/log.ts'
import type { Random } from '../../platform/random.ts'
import { AppError } from '../../shared/app-error.ts'
import type { ModelId, NodeId } from '../../shared/ids.ts'
import type { CommitOrigin } from '../files/hub-cache.ts'
import type { HubClient } from '../hub/hub-client.ts'
import { type HubManifest, isHubId } from '../files/hub-file.ts'
import { HubCommit } from '../../shared/wire/peer/model-file-request.ts'
import { fetchHoldings, fetchRange } from '../peer-copy/fetch-range.ts'
import type { ByteChannel } from '../files/byte-channel.ts'
import type { ModelFileRequest } from '../../shared/wire/peer/model-file-request.ts'
import type { HeldParts } from '../peer-copy/serve-parts.ts'
import { fetchParts, type FetchPartsOptions, type PartProgress } from './fetch-parts.ts'
import { heldSnapshot } from './held-snapshot.ts'
import { listParts, type PartListing, partsDir } from './list-parts.ts'
import { obtainManifest } from './obtain-manifest.ts'
import { PartFolder } from '../files/part-folder.ts'
import type { ShardPart } from '../files/shard-tensors.ts'
import { storeWholeParts } from './store-whole-parts.ts'

export interface ModelPartsDependencies {
  readonly dataDir: string
  readonly cacheDir: string
  readonly client: HubClient
  openChannel(nodeId: NodeId, request: ModelFileRequest, signal: AbortSignal): ByteChannel
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

export interface PartRequest {
  readonly modelId: ModelId
  readonly commit: string
  readonly origin: CommitOrigin
  /** The nodes that take part in the download and the part that each needs; shape [ranks]. */
  readonly ranks: readonly NodeId[]
  readonly parts: readonly ShardPart[]
  /** This node's rank. */
  readonly rank: number
  /** False: only the files that describe the model. */
  readonly withWeights: boolean
  /** Nodes that may hold parts and are currently linked. */
  peers(): readonly NodeId[]
  onProgress(progress: PartProgress): void
}

/** The models of the hub of which this node holds parts. */
export class ModelParts {
  readonly #dependencies: ModelPartsDependencies
  readonly #open = new Map<string, PartFolder>()
  readonly #fetching = new Map<string, Promise<unknown>>()

  constructor(dependencies: ModelPartsDependencies) {
    this.#dependencies = dependencies
  }

  /** The models of which this node holds anything. */
  list(): Promise<PartListing[]> {
    return listParts(this.#dependencies.dataDir)
  }

  /** Whether an earlier fetch left any files. */
  async has(modelId: ModelId, commit: string): Promise<boolean> {
    return (await this.#find(this.#dirOf(modelId, commit))) !== null
  }

  /** Whether any of the nodes holds a part. */
  async isHeldBy(nodes: readonly NodeId[], modelId: ModelId, commit: string, signal: AbortSignal): Promise<boolean> {
    // A node that does not answer cannot provide anything either.
    const answers = await Promise.all(
      nodes.map((node) =>
        this.#holdings(node, modelId, commit, signal).then(
          () => true,
          () => false,
        ),
      ),
    )
    signal.throwIfAborted()
    return answers.some(Boolean)
  }

  /**
   * Fetches everything that a request needs.
   *
   * @returns the folder to load from: the folder of the parts, or the snapshot in the cache when the complete model is
   *   needed
   * @throws as `fetchParts`
   */
  async fetch(request: PartRequest, signal: AbortSignal): Promise<string> {
    const dir = this.#dirOf(request.modelId, request.commit)
    // One after another, so that each fetch reuses the files of the one before.
    const before = this.#fetching.get(dir) ?? Promise.resolve()
    const fetched = before.then(
      () => this.#fetch(dir, request, signal),
      () => this.#fetch(dir, request, signal),
    )
    this.#fetching.set(dir, fetched)
    const forget = (): void => {
      if (this.#fetching.get(dir) === fetched) this.#fetching.delete(dir)
    }
    fetched.then(forget, forget)
    return fetched
  }

  /** @throws AppError `model-not-found` if nothing of the model is here */
  async held(modelId: ModelId, commit: string): Promise<HeldParts> {
    const dir = this.#dirOf(modelId, commit)
    const folder = await this.#find(dir)
    if (folder)
      return {
        commit,
        files: folder.manifest.files,
        present: folder.allPresent(),
        isFetching: this.#fetching.has(dir),
        pathOf: (path) => folder.pathOf(path),
      }
    const whole = await heldSnapshot(this.#dependencies.cacheDir, modelId, commit)
    if (!whole) throw new AppError('model-not-found', `No part of ${modelId} at commit ${commit} is on this node.`, { modelId, commit })
    return whole
  }

  async #fetch(dir: string, request: PartRequest, signal: AbortSignal): Promise<string> {
    const { client, clock, random, log, cacheDir } = this.#dependencies
    const { modelId, commit, ranks, parts, rank, withWeights } = request
    signal.throwIfAborted()
    const folder = await this.#openOrCreate(dir, request, signal)
    const peers: FetchPartsOptions['peers'] = {
      peers: () => request.peers(),
      holdings: (peer, peerSignal) => this.#holdings(peer, modelId, commit, peerSignal),
      fromPeer: (peer, path, { start, end }, peerSignal) =>
        fetchRange(this.#dependencies.openChannel(peer, { type: 'range', modelId, commit, path, start, end }, peerSignal), end - start),
    }
    const fetched = await fetchParts({
      folder,
      client,
      peers,
      parts,
      ranks,
      rank,
      withWeights,
      onProgress: (progress) => request.onProgress(progress),
      clock,
      random,
      signal,
    })
    if (fetched.hubBytes + fetched.peerBytes > 0)
      log.info('model files are complete', { modelId, commit, ...fetched, savedBytes: Math.max(0, fetched.modelBytes - folder.hubBytes) })
    if (parts[rank] !== null || !withWeights) return dir
    if (!folder.isFromHub) {
      log.warn('the hub cannot confirm a model received from a peer, so it stays out of the shared cache', { modelId, commit })
      return dir
    }
    this.#open.delete(dir)
    return storeWholeParts(folder, cacheDir, { origin: request.origin, client, clock, signal })
  }

  /** Returns the same object for the same folder, so that all users see each other's writes. */
  async #find(dir: string): Promise<PartFolder | null> {
    const known = this.#open.get(dir)
    if (known && (await known.isThere())) return known
    // The folder was deleted by another program.
    if (known && this.#open.get(dir) === known) this.#open.delete(dir)
    const found = await PartFolder.find(dir)
    const opened = this.#open.get(dir)
    if (opened || !found) return opened ?? null
    this.#open.set(dir, found)
    return found
  }

  async #openOrCreate(dir: string, request: PartRequest, signal: AbortSignal): Promise<PartFolder> {
    const { client, clock, log } = this.#dependencies
    const { modelId, commit } = request
    const found = await this.#find(dir)
    if (found?.isFromHub) return found
    const manifest = await obtainManifest(
      {
        client,
        modelId,
        commit,
        clock,
        fromPeers: (peerSignal) => this.#manifestOfPeers(request, peerSignal),
        known: found?.manifest ?? null,
      },
      signal,
    )
    if (found && isDeepStrictEqual(byPath(found.manifest), byPath(manifest))) {
      if (manifest.isFromHub) await found.confirm()
      return found
    }
    if (found) log.warn('the files of a peer differ from those of the hub and are deleted', { modelId, commit })
    const created = await PartFolder.create(dir, { modelId, commit, files: manifest.files }, manifest)
    this.#open.set(dir, created)
    return created
  }

  async #manifestOfPeers({ modelId, commit, peers }: PartRequest, signal: AbortSignal): Promise<HubManifest | null> {
    for (const peer of peers()) {
      // it holds nothing or is gone: try the next one
      const holdings = await this.#holdings(peer, modelId, commit, signal).catch(() => null)
      if (holdings?.commit === commit) return { modelId, commit, files: holdings.files }
    }
    return null
  }

  #holdings(peer: NodeId, modelId: ModelId, commit: string, signal: AbortSignal): ReturnType<typeof fetchHoldings> {
    return fetchHoldings(this.#dependencies.openChannel(peer, { type: 'holdings', modelId, commit }, signal))
  }

  /** @throws AppError `model-not-found` for an invalid model id, which a peer may send */
  #dirOf(modelId: ModelId, commit: string): string {
    if (!isHubId(modelId) || !HubCommit.safeParse(commit).success)
      throw new AppError('model-not-found', `${modelId} at ${commit} is not a model on Hugging Face.`, { modelId, commit })
    return join(partsDir(this.#dependencies.dataDir), createHash('sha256').update(`${modelId}@${commit}`).digest('hex').slice(0, 32))
  }
}

const byPath = ({ files }: Pick<HubManifest, 'files'>): HubManifest['files'] => files.toSorted((a, b) => (a.path < b.path ? -1 : 1))
