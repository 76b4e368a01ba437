import type { ComparisonRow } from './compare-contestants.ts'

const format = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2))

/** Formats a table with one row per figure. @param peer - the other program's name */
export function formatComparison(title: string, rows: readonly ComparisonRow[], peer = 'mlx-lm'): string {
  const cells = [
    ['', 'exo', peer, 'exo is better by'],
    ...rows.map((row) => [row.figure, format(row.exo), format(row.peer), `${row.advantageRatio.toFixed(2)}x`]),
  ]
  const widths = cells[0]?.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0))) ?? []
  const lines = cells.map((line) =>
    line.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  '),
  )
  return [title, ...lines].join('\n')
}
