import { type ByteRanges, cutRange, intersectRanges, subtractRanges } from '../files/byte-ranges.ts'

/** Bytes of a file that are fetched together. */
export interface Piece {
  readonly path: string
  readonly start: number
  readonly end: number
  /** The rank that fetches the piece from the internet. Other ranks that need it copy it from that rank. */
  readonly owner: number
}

const LARGEST_PIECE_BYTES = 32 << 20
const SMALLEST_SHARED_BYTES = 1 << 20

/**
 * Divides a file among the ranks that want bytes of it, so that each byte is fetched from the internet only once. Every
 * rank computes the same result.
 *
 * @param wanted - shape [ranks]
 * @returns the pieces that `rank` wants
 */
export function sharePieces(path: string, wanted: readonly ByteRanges[], rank: number): Piece[] {
  const pieces: Piece[] = []
  for (const { ranges, ranks } of splitByRanks(wanted)) {
    if (!ranks.includes(rank)) continue
    for (const range of ranges) {
      const share =
        ranks.length === 1 ? LARGEST_PIECE_BYTES : Math.max(SMALLEST_SHARED_BYTES, Math.ceil((range.end - range.start) / ranks.length))
      cutRange(range, Math.min(share, LARGEST_PIECE_BYTES)).forEach((piece, index) =>
        pieces.push({ path, ...piece, owner: ranks[index % ranks.length] ?? rank }),
      )
    }
  }
  return pieces.sort((a, b) => a.start - b.start)
}

interface RankedRanges {
  readonly ranges: ByteRanges
  readonly ranks: readonly number[]
}

/** The same bytes, split by the set of ranks that want them. */
function splitByRanks(wanted: readonly ByteRanges[]): RankedRanges[] {
  return wanted.reduce<RankedRanges[]>((groups, ranges, rank) => {
    const split = groups.flatMap((group) => [
      { ranges: subtractRanges(group.ranges, ranges), ranks: group.ranks },
      { ranges: intersectRanges(group.ranges, ranges), ranks: [...group.ranks, rank] },
    ])
    const alone = groups.reduce((left, group) => subtractRanges(left, group.ranges), ranges)
    return [...split, { ranges: alone, ranks: [rank] }].filter((group) => group.ranges.length > 0)
  }, [])
}
