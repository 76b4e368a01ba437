/** The end of a text that is examined, in characters. */
const EXAMINED = 256
/** A longer unit, such as a row of a table, may well be meant to occur again. */
const LONGEST_UNIT = 48

/**
 * Whether the end of a text repeats one short unit: a model that does so hardly ever stops.
 *
 * @param examined - how much of the end has to repeat, in characters
 */
export function isRepeating(text: string, examined = EXAMINED): boolean {
  if (text.length < examined) return false
  const end = text.slice(-examined)
  // The table of Knuth, Morris and Pratt: the longest start that is also an end, for each prefix.
  const borders = new Uint16Array(examined)
  for (let at = 1, border = 0; at < examined; at++) {
    while (border > 0 && end[at] !== end[border]) border = borders[border - 1]!
    if (end[at] === end[border]) border++
    borders[at] = border
  }
  return examined - borders[examined - 1]! <= LONGEST_UNIT
}
