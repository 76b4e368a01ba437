import type { Link, LinkMedium, TcpLink } from '../../shared/topology.ts'

const FAST_FIRST: readonly LinkMedium[] = ['thunderbolt', 'ethernet', 'wifi', 'unknown']

/** Round trips this close count as equal: the difference is within the variation of a measurement. */
const EQUAL_RATIO = 1.25
const EQUAL_MS = 0.1

/**
 * The TCP link to use among those from one node to another: the one with the shortest round trip; among equal ones, the
 * highest measured throughput; then, and for links without measurements, Thunderbolt before Ethernet before Wi-Fi.
 */
export function bestLink(links: readonly Link[]): TcpLink | null {
  const paths = links.filter((link) => link.kind === 'tcp')
  const shortestMs = Math.min(...paths.map((path) => path.roundTripMs ?? Infinity))
  const limitMs = Math.max(shortestMs * EQUAL_RATIO, shortestMs + EQUAL_MS)
  const near = paths.filter((path) => (path.roundTripMs ?? 0) <= limitMs)
  const fastest = Math.max(0, ...near.map((path) => path.throughputBytesPerSecond ?? 0))
  const [best] = near.filter((path) => (path.throughputBytesPerSecond ?? Infinity) >= fastest / EQUAL_RATIO).sort(byMedium(FAST_FIRST))
  return best ?? null
}

/** Two unmeasured values differ by NaN, which counts as equal. */
export function byMedium(order: readonly LinkMedium[]): (a: TcpLink, b: TcpLink) => number {
  return (a, b) =>
    order.indexOf(a.medium) - order.indexOf(b.medium) ||
    (a.roundTripMs ?? Infinity) - (b.roundTripMs ?? Infinity) ||
    compareText(a.address, b.address)
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
