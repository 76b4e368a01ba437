/** The position at which streamed text must be split. */
export interface MarkerSearch {
  /** Text before the marker, or before a possible start of one. */
  readonly before: string
  /** null: none is complete yet. */
  readonly marker: string | null
  /** Text after the marker, or a possible start of one that has to wait for more text. */
  readonly rest: string
}

/** Finds the first of `markers` in `text`. */
export function findMarker(text: string, markers: readonly string[]): MarkerSearch {
  const found = markers
    .map((marker) => ({ marker, start: text.indexOf(marker) }))
    .filter(({ start }) => start >= 0)
    .sort((left, right) => left.start - right.start)[0]
  if (found) return { before: text.slice(0, found.start), marker: found.marker, rest: text.slice(found.start + found.marker.length) }
  const longest = Math.max(0, ...markers.map((marker) => marker.length - 1))
  for (let start = Math.max(0, text.length - longest); start < text.length; start += 1) {
    const end = text.slice(start)
    if (markers.some((marker) => marker.startsWith(end))) return { before: text.slice(0, start), marker: null, rest: end }
  }
  return { before: text, marker: null, rest: '' }
}
