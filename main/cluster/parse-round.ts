import { Round } from '../shared/wire/peer/election-numbers.ts'

/**
 * Parses the file of the election round.
 *
 * @throws Error for a value that no node can have written: terms of rounds beyond the last would be counted wrongly
 */
export function parseRound(text: string): number {
  if (!/^\d+\s*$/.test(text)) throw new Error('it is not a number')
  const round = Round.safeParse(Number(text))
  if (!round.success) throw new Error('its number exceeds the highest possible round')
  return round.data
}
