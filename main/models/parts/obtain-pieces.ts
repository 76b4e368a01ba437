import type { Clock } from '../../platform/clock.ts'
import type { NodeId } from '../../shared/ids.ts'
import type { PartHoldings } from '../../shared/wire/peer/model-file-request.ts'
import { type ByteRange, joinRanges, lengthOf, subtractRanges } from '../files/byte-ranges.ts'
import type { PartFolder } from '../files/part-folder.ts'
import type { Piece } from './share-pieces.ts'

const WORKERS = 4
const POLL_MS = 100
/**
 * An owner that makes no progress for this long is not waited for. For an owner that is not linked, or that has stopped
 * fetching, the limit is shorter.
 */
const OWNER_SILENCE_MS = 15_000
const OWNER_IDLE_MS = 3_000
/** A node that broke off a copy is not asked again for this long, and not at all after too many failures. */
const PEER_REST_MS = 1_000
const PEER_FAILURES = 3

export interface PieceSources {
  /** Nodes that may hold parts, nearest first. */
  peers(): readonly NodeId[]
  /** Rejects if the peer holds nothing. */
  holdings(peer: NodeId, signal: AbortSignal): Promise<PartHoldings>
  /** Bytes whose checksum has been verified. */
  fromPeer(peer: NodeId, path: string, range: ByteRange, signal: AbortSignal): Promise<Uint8Array[]>
  /** Writes bytes from the internet. Retries as long as that may help. */
  fromHub(path: string, range: ByteRange, signal: AbortSignal): Promise<void>
}

export interface ObtainOptions {
  readonly folder: PartFolder
  readonly sources: PieceSources
  /** The nodes that share the download; shape [ranks]. */
  readonly ranks: readonly NodeId[]
  /** This node's rank. */
  readonly rank: number
  readonly onBytes: (count: number, source: NodeId | 'hub') => void
  readonly clock: Pick<Clock, 'now' | 'sleep'>
  readonly signal: AbortSignal
}

interface PeerNews {
  readonly holdings: PartHoldings | null
  readonly heldBytes: number
  /** When the peer last reported more bytes than before. */
  readonly progressAtMs: number
}

/**
 * Fetches pieces: from any peer that holds them, its own pieces from the internet, and the pieces of other owners from
 * those owners as they arrive, or from the internet if an owner makes no progress.
 *
 * @throws the errors of `fromHub`
 */
export async function obtainPieces(pieces: readonly Piece[], options: ObtainOptions): Promise<void> {
  const stop = new AbortController()
  const signal = AbortSignal.any([options.signal, stop.signal])
  const queue = new PieceQueue(pieces, { ...options, signal })
  if (queue.isDone()) return
  await queue.askPeers(() => true)
  const work = async (): Promise<void> => {
    while (!queue.isDone()) {
      signal.throwIfAborted()
      if (!(await queue.bringOne())) await options.clock.sleep(POLL_MS, signal)
    }
  }
  const watch = async (): Promise<void> => {
    while (!queue.isDone()) {
      await options.clock.sleep(POLL_MS, signal)
      if (queue.waitsForOthers()) await queue.askPeers((peer) => queue.mayBring(peer))
    }
  }
  const results = await Promise.allSettled(
    [...Array.from({ length: WORKERS }, work), watch()].map((running) =>
      running.catch((error: unknown) => {
        stop.abort(error)
        throw error
      }),
    ),
  )
  if (results.some(({ status }) => status === 'rejected')) throw stop.signal.reason
}

class PieceQueue {
  readonly #options: ObtainOptions
  readonly #pieces: Set<Piece>
  readonly #inFlight = new Set<Piece>()
  readonly #news = new Map<NodeId, PeerNews>()
  readonly #failures = new Map<NodeId, { readonly count: number; readonly restUntilMs: number }>()
  readonly #startMs: number

  constructor(pieces: readonly Piece[], options: ObtainOptions) {
    this.#options = options
    this.#startMs = options.clock.now()
    this.#pieces = new Set(pieces.filter((piece) => options.folder.missing(piece.path, piece).length > 0))
  }

  isDone(): boolean {
    return this.#pieces.size === 0
  }

  waitsForOthers(): boolean {
    return [...this.#pieces].some((piece) => piece.owner !== this.#options.rank)
  }

  /** Whether a node has anything to copy or will have it. */
  mayBring(peer: NodeId): boolean {
    return this.#news.get(peer)?.holdings != null || this.#options.ranks.includes(peer)
  }

  async askPeers(which: (peer: NodeId) => boolean): Promise<void> {
    const { sources, clock, signal } = this.#options
    await Promise.all(
      sources
        .peers()
        .filter(which)
        .map(async (peer) => {
          // A peer that cannot be reached is asked again later. Other peers and the hub have the piece too.
          const holdings = await sources.holdings(peer, signal).catch(() => null)
          const heldBytes = holdings ? Object.values(holdings.present).reduce((sum, ranges) => sum + lengthOf(ranges), 0) : 0
          const before = this.#news.get(peer)
          this.#news.set(peer, {
            holdings,
            heldBytes,
            progressAtMs: heldBytes > (before?.heldBytes ?? 0) ? clock.now() : (before?.progressAtMs ?? this.#startMs),
          })
        }),
    )
    signal.throwIfAborted()
  }

  /** @returns whether there was a piece to fetch */
  async bringOne(): Promise<boolean> {
    const task = this.#next()
    if (!task) return false
    const { piece, peer } = task
    this.#inFlight.add(piece)
    try {
      await (peer === null ? this.#fromHub(piece) : this.#fromPeer(piece, peer))
      if (this.#options.folder.missing(piece.path, piece).length === 0) this.#pieces.delete(piece)
    } finally {
      this.#inFlight.delete(piece)
    }
    return true
  }

  #next(): { piece: Piece; peer: NodeId | null } | null {
    const nowMs = this.#options.clock.now()
    let fromHub: Piece | null = null
    for (const piece of this.#pieces) {
      if (this.#inFlight.has(piece)) continue
      const holders = this.#holders(piece)
      const rested = holders.filter((peer) => (this.#failures.get(peer)?.restUntilMs ?? 0) <= nowMs)
      if (rested.length > 0) return { piece, peer: rested[this.#inFlight.size % rested.length] ?? null }
      if (holders.length === 0 && (piece.owner === this.#options.rank || this.#isAbandoned(piece))) fromHub ??= piece
    }
    return fromHub && { piece: fromHub, peer: null }
  }

  #holders(piece: Piece): NodeId[] {
    const missing = this.#options.folder.missing(piece.path, piece)
    return [...this.#news].flatMap(([peer, { holdings }]) => {
      const held = joinRanges(holdings?.present[piece.path] ?? [])
      return subtractRanges(missing, held).length === 0 && (this.#failures.get(peer)?.count ?? 0) < PEER_FAILURES ? [peer] : []
    })
  }

  #isAbandoned({ owner }: Piece): boolean {
    const { ranks, sources, clock } = this.#options
    const peer = ranks[owner]
    const news = peer === undefined ? undefined : this.#news.get(peer)
    const mayBring = peer !== undefined && sources.peers().includes(peer) && news?.holdings?.isFetching !== false
    return clock.now() - (news?.progressAtMs ?? this.#startMs) > (mayBring ? OWNER_SILENCE_MS : OWNER_IDLE_MS)
  }

  async #fromHub(piece: Piece): Promise<void> {
    const { folder, sources, signal } = this.#options
    for (const range of folder.missing(piece.path, piece)) await sources.fromHub(piece.path, range, signal)
  }

  async #fromPeer(piece: Piece, peer: NodeId): Promise<void> {
    const { folder, sources, signal, onBytes, clock } = this.#options
    try {
      for (const range of folder.missing(piece.path, piece)) {
        const chunks = await sources.fromPeer(peer, piece.path, range, signal)
        await folder.write(piece.path, range, iterate(chunks), (count) => onBytes(count, peer))
      }
      this.#failures.delete(peer)
    } catch (error) {
      signal.throwIfAborted()
      if (isLocal(error)) throw error
      const { count = 0, restUntilMs = 0 } = this.#failures.get(peer) ?? {}
      // Concurrent copies usually break off for the same reason.
      const isSame = restUntilMs > clock.now()
      this.#failures.set(peer, { count: isSame ? count : count + 1, restUntilMs: clock.now() + PEER_REST_MS })
    }
  }
}

/** An error of this machine's disk, which would occur with any peer. */
function isLocal(error: unknown): boolean {
  return typeof (error as NodeJS.ErrnoException).syscall === 'string'
}

async function* iterate(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks
}
