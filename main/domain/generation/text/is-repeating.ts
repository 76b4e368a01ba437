/** The end of a text that is examined, in characters. */
const EXAMINED = 256
/** A longer unit, such as a row of a table, may well be meant to occur again. */
const LONGEST_UNIT = 48

/** Whether the end of a text repeats one short unit: a model that does so hardly ever stops. */
export function isRepeating(text: string): boolean {
  if (text.length < EXAMINED) return false
  const end = text.slice(-EXAMINED)
  // The table of Knuth, Morris and Pratt: the longest start that is also an end, for each prefix.
  const borders = new Uint16Array(EXAMINED)
  for (let at = 1, border = 0; at < EXAMINED; at++) {
    while (border > 0 && end[at] !== end[border]) border = borders[border - 1]!
    if (end[at] === end[border]) border++
    borders[at] = border
  }
  return EXAMINED - borders[EXAMINED - 1]! <= LONGEST_UNIT
}
