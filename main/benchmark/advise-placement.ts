/** The figures of one placement that decide; null: not measured. */
export interface PlacementFigures {
  /** Of a single request. */
  readonly decodeTokensPerSecond: number | null
  readonly prefillTokensPerSecond: number | null
  /** Of several requests at once. */
  readonly togetherTokensPerSecond: number | null
  readonly machines: number
}

/** Differences below this are noise: the placement on fewer machines is better then. */
const NOISE_RATIO = 0.03

export type PlacementAim = 'decode' | 'prefill' | 'together'

const FIGURE = {
  decode: 'decodeTokensPerSecond',
  prefill: 'prefillTokensPerSecond',
  together: 'togetherTokensPerSecond',
} as const satisfies Record<PlacementAim, keyof PlacementFigures>

/** @returns for each aim the index of the placement to take; null: none was measured */
export function advisePlacement(placements: readonly PlacementFigures[]): Readonly<Record<PlacementAim, number | null>> {
  const best = (aim: PlacementAim): number | null => {
    const figures = placements.map((placement) => placement[FIGURE[aim]] ?? 0)
    const most = Math.max(0, ...figures)
    if (most === 0) return null
    const near = figures.flatMap((figure, index) => (figure >= most * (1 - NOISE_RATIO) ? [index] : []))
    const machinesOf = (index: number): number => placements[index]?.machines ?? Number.POSITIVE_INFINITY
    return near.reduce((one, other) => {
      if (machinesOf(one) !== machinesOf(other)) return machinesOf(one) < machinesOf(other) ? one : other
      return (figures[one] ?? 0) >= (figures[other] ?? 0) ? one : other
    })
  }
  return { decode: best('decode'), prefill: best('prefill'), together: best('together') }
}
