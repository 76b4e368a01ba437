import type { LinkView } from '../../../main/shared/cluster-view.ts'

/** The best measured throughput between two machines, in bytes per second; null: nothing was measured. */
export function fastestBetween([one, other]: readonly [string, string], links: readonly LinkView[]): number | null {
  const rates = links
    .filter(({ from, to }) => (from === one && to === other) || (from === other && to === one))
    .flatMap(({ throughputBytesPerSecond }) => throughputBytesPerSecond ?? [])
  return rates.length === 0 ? null : Math.max(...rates)
}
