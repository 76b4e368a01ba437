/** Ranges of characters, in order and apart from one another: both ends belong to each. */
export type CodePoints = readonly (readonly [first: number, last: number])[]

const LAST = 0x10ffff

export function unionOf(ranges: CodePoints): CodePoints {
  const joined: [number, number][] = []
  for (const [first, last] of ranges.toSorted(([one], [other]) => one - other)) {
    const before = joined.at(-1)
    if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last)
    else joined.push([first, last])
  }
  return joined
}

/** All other characters. @param ranges - the result of `unionOf` */
export function complementOf(ranges: CodePoints): CodePoints {
  const ends = [-1, ...ranges.map(([, last]) => last)]
  const begins = [...ranges.map(([first]) => first), LAST + 1]
  return ends.flatMap((end, index) => {
    const begin = begins[index] ?? 0
    return end + 1 < begin ? [[end + 1, begin - 1] as const] : []
  })
}

export const includes = (ranges: CodePoints, codePoint: number): boolean =>
  ranges.some(([first, last]) => first <= codePoint && codePoint <= last)

const written = (codePoint: number): string =>
  codePoint < 0x20 || codePoint === 0x7f
    ? `\\x${codePoint.toString(16).padStart(2, '0')}`
    : String.fromCodePoint(codePoint).replace(/[\\\]^[-]/, String.raw`\$&`)

/** A class of a regular expression; null: there are no such characters. @param ranges - the result of `unionOf` */
export function classOf(ranges: CodePoints): string | null {
  // Few engines can name the last characters, so a class with them excludes the others.
  const isOpen = includes(ranges, LAST)
  const named = isOpen ? complementOf(ranges) : ranges
  if (named.length === 0) return isOpen ? String.raw`[^\x00]` : null
  const members = named.map(([first, last]) => (first === last ? written(first) : `${written(first)}-${written(last)}`))
  return `[${isOpen ? '^' : ''}${members.join('')}]`
}
