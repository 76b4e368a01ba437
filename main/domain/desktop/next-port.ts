/** So many ports from the first are tried, before any that is free. */
const TRIED = 10

/**
 * The port of the app's node if other programs use its default. Always the same few ports, because the pages keep
 * conversations and settings by their address.
 *
 * @param first - what was asked for
 * @returns 0: any that is free
 */
export function nextPort(taken: number, first: number): number {
  const next = taken + 1
  return next < Math.min(first + TRIED, 65_536) ? next : 0
}
