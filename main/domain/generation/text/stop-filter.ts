/** The text that may be emitted, and whether a stop string ended it. */
export interface FilteredText {
  readonly text: string
  /** The stop string that was found. Nothing after it is emitted, and the filter is done. */
  readonly stopString: string | null
}

/** Removes stop strings from a stream of text. */
export interface StopFilter {
  push(text: string): FilteredText
  /** The withheld text, which did not become a stop string. */
  flush(): string
}

/**
 * Emits text up to the first stop string. It withholds no more than the longest suffix that may still become one.
 *
 * If two stop strings start at the same position, the shorter one ends the text, because it is complete first.
 *
 * @param stopStrings - empty ones are ignored
 */
export function createStopFilter(stopStrings: readonly string[]): StopFilter {
  const stops = stopStrings.filter((stop) => stop.length > 0)
  let held = ''
  return {
    push: (text) => {
      held += text
      const found = firstStop(held, stops)
      const shownLength = found ? found.start : held.length - heldLength(held, stops)
      const shown = held.slice(0, shownLength)
      held = found ? '' : held.slice(shownLength)
      return { text: shown, stopString: found?.stop ?? null }
    },
    flush: () => {
      const rest = held
      held = ''
      return rest
    },
  }
}

/** The stop string that is complete first, as if the text arrived one character at a time. */
function firstStop(text: string, stops: readonly string[]): { start: number; stop: string } | null {
  let first: { start: number; stop: string } | null = null
  for (const stop of stops) {
    const start = text.indexOf(stop)
    if (start < 0) continue
    const end = start + stop.length
    const firstEnd = first ? first.start + first.stop.length : Infinity
    if (end < firstEnd || (end === firstEnd && first && start < first.start)) first = { start, stop }
  }
  return first
}

/** Length of the longest suffix of `text` that is the start of a stop string. */
function heldLength(text: string, stops: readonly string[]): number {
  let longest = 0
  for (const stop of stops)
    for (let length = Math.min(stop.length - 1, text.length); length > longest; length--)
      if (stop.startsWith(text.slice(text.length - length))) {
        longest = length
        break
      }
  return longest
}
