/** This many ports, counted from the first, are tried before any free one. */
const TRIED = 10

/**
 * The port of the app's node if other programs use its default. It is always one of the same few ports, because the
 * pages' conversations and settings are stored per address.
 *
 * @param first - the requested port
 * @returns 0: any free port
 */
export function nextPort(taken: number, first: number): number {
  const next = taken + 1
  return next < Math.min(first + TRIED, 65_536) ? next : 0
}
