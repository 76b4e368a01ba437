export interface ChaosResult {
  readonly name: string
  readonly isSame: boolean
  readonly error: string | null
  readonly gapMs: number | null
}

/** Formats one line per case, in the order of their first runs, followed by one line per error. */
export function formatChaosTable(results: readonly ChaosResult[]): string {
  const names = [...new Set(results.map(({ name }) => name))]
  const width = Math.max(4, ...names.map((name) => name.length))
  const rows = names.map((name) => {
    const runs = results.filter((result) => result.name === name)
    const gaps = runs.flatMap(({ gapMs }) => (gapMs === null ? [] : [gapMs / 1000])).sort((a, b) => a - b)
    const gap = gaps.length === 0 ? '-' : `${gaps[0]?.toFixed(1)} to ${gaps.at(-1)?.toFixed(1)}`
    const counts = [runs.length, runs.filter(({ isSame }) => isSame).length, runs.filter(({ error }) => error !== null).length]
    return [name.padEnd(width), ...counts.map((count) => String(count).padStart(6)), gap.padStart(13)].join('  ')
  })
  const head = ['case'.padEnd(width), ...['runs', 'same', 'errors'].map((title) => title.padStart(6)), 'gap s'.padStart(13)].join('  ')
  const errors = results.flatMap(({ name, error }) => (error === null ? [] : [`${name}: ${error.split('\n')[0]}`]))
  return [head, ...rows, ...errors].join('\n')
}
