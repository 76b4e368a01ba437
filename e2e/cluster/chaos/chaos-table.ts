export interface ChaosResult {
  readonly name: string
  readonly isSame: boolean
  readonly error: string | null
  readonly gapMs: number | null
  /** The longest gap that is allowed. */
  readonly limitMs: number
}

/** Why a run counts as a failure; null: it does not. */
export function failureOf({ error, isSame, gapMs, limitMs }: ChaosResult): string | null {
  if (error !== null) return error.split('\n')[0] ?? error
  if (!isSame) return 'another text'
  return gapMs !== null && gapMs > limitMs ? `a gap of ${(gapMs / 1000).toFixed(1)} s, more than ${(limitMs / 1000).toFixed(1)} s` : null
}

/** Formats one line per case, in the order of their first runs, followed by one line per failure. */
export function formatChaosTable(results: readonly ChaosResult[], seed: string): string {
  const names = [...new Set(results.map(({ name }) => name))]
  const width = Math.max(4, ...names.map((name) => name.length))
  const rowOf = (name: string, cells: readonly string[]): string =>
    [name.padEnd(width), ...cells.map((cell) => cell.padStart(9))].join('  ').trimEnd()
  const rows = names.map((name) => {
    const runs = results.filter((result) => result.name === name)
    const gaps = runs.flatMap(({ gapMs }) => (gapMs === null ? [] : [gapMs / 1000])).toSorted((a, b) => a - b)
    const counts = [runs.length, runs.filter(({ isSame }) => isSame).length, runs.filter((run) => failureOf(run) !== null).length]
    return rowOf(name, [...counts.map(String), ...[gaps[0], gaps.at(-1)].map((gap) => gap?.toFixed(1) ?? '-')])
  })
  const failures = results.flatMap((result) => {
    const failure = failureOf(result)
    return failure === null ? [] : [`${result.name}: ${failure}`]
  })
  const head = rowOf('case', ['runs', 'same', 'failures', 'least s', 'worst s'])
  return [`The same choices again: npm run chaos -- --seed ${seed}`, head, ...rows, ...failures].join('\n')
}
