/** Half-open. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/** Sorted ranges that neither touch nor overlap. */
export type ByteRanges = readonly ByteRange[]

/** Sorts ranges, joins those that touch or overlap, and drops empty ones. */
export function joinRanges(ranges: Iterable<ByteRange>): ByteRanges {
  const joined: { start: number; end: number }[] = []
  for (const { start, end } of [...ranges].filter((range) => range.end > range.start).sort((a, b) => a.start - b.start)) {
    const last = joined.at(-1)
    if (last && start <= last.end) last.end = Math.max(last.end, end)
    else joined.push({ start, end })
  }
  return joined
}

/** The parts of `ranges` that are not in `taken`. */
export function subtractRanges(ranges: ByteRanges, taken: ByteRanges): ByteRanges {
  return ranges.flatMap(({ start, end }) => {
    const left: ByteRange[] = []
    let from = start
    for (const hole of taken) {
      if (hole.end <= from || hole.start >= end) continue
      if (hole.start > from) left.push({ start: from, end: hole.start })
      from = Math.max(from, hole.end)
    }
    if (from < end) left.push({ start: from, end })
    return left
  })
}

export function intersectRanges(a: ByteRanges, b: ByteRanges): ByteRanges {
  return subtractRanges(a, subtractRanges(a, b))
}

export function lengthOf(ranges: ByteRanges): number {
  return ranges.reduce((sum, { start, end }) => sum + end - start, 0)
}

/** Cuts a range into pieces of at most `maxBytes`. */
export function cutRange({ start, end }: ByteRange, maxBytes: number): ByteRange[] {
  const pieces: ByteRange[] = []
  for (let from = start; from < end; from += maxBytes) pieces.push({ start: from, end: Math.min(end, from + maxBytes) })
  return pieces
}
