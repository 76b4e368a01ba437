/** The tags of Qwen3-Coder's calls. */
const TAGS = /<(\/?)(function|parameter)(?:=[^>\n]*)?>/g
/** Stands for a nested call while the tags around it are read. It is in no text of a model. */
const MARK = '\uE000'

/**
 * Takes calls out that are written within the value of an argument, so that their tags do not end it. Only a complete call with the end
 * of the argument after it counts.
 *
 * @returns the text without them, and a function that puts them back into a part of it
 */
export function takeNestedFunctions(text: string): { readonly outer: string; readonly restore: (part: string) => string } {
  const blocks: (readonly [start: number, end: number])[] = []
  let waiting: (readonly [start: number, end: number])[] = []
  let isInValue = false
  let depth = 0
  let start = 0
  for (const { 0: tag, 1: slash, 2: kind, index } of text.matchAll(TAGS)) {
    const isOpening = slash === ''
    if (kind === 'function' && isInValue && isOpening) {
      if (depth === 0) start = index
      depth += 1
    } else if (kind === 'function' && depth > 0) {
      depth -= 1
      if (depth === 0) waiting.push([start, index + tag.length])
    } else if (kind === 'function') isInValue = false
    else if (depth === 0) {
      if (!isOpening) blocks.push(...waiting)
      waiting = []
      isInValue = isOpening
    }
  }
  if (blocks.length === 0 || text.includes(MARK)) return { outer: text, restore: (part) => part }
  const nested = blocks.map(([from, to]) => text.slice(from, to))
  const outer = blocks
    .toReversed()
    .reduce((rest, [from, to], place) => `${rest.slice(0, from)}${MARK}${blocks.length - 1 - place}${MARK}${rest.slice(to)}`, text)
  return {
    outer,
    restore: (part) => part.replace(new RegExp(`${MARK}(\\d+)${MARK}`, 'g'), (_, place: string) => nested[Number(place)] ?? ''),
  }
}
