import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { deviationOf, formatSpeedTable, medianDeviation } from './__fixtures__/format-speed-docs.ts'
import { PUBLISHED_POINTS } from './__fixtures__/published-points.ts'

describe('the forecast against published measurements', () => {
  it('is off by less than 20 % in the middle case, for each engine and for both phases', () => {
    expect(PUBLISHED_POINTS.length).toBeGreaterThanOrEqual(40)
    const parts = {
      all: PUBLISHED_POINTS,
      mlx: PUBLISHED_POINTS.filter(({ engine }) => engine === 'mlx'),
      'llama.cpp': PUBLISHED_POINTS.filter(({ engine }) => engine === 'llama.cpp'),
      prompts: PUBLISHED_POINTS.filter(({ measure }) => 'promptOf' in measure),
      groups: PUBLISHED_POINTS.filter(({ machines }) => machines > 1),
    }
    const medians = Object.entries(parts).map(([name, points]) => [name, points.length, medianDeviation(points)] as const)
    for (const [name, count, median] of medians)
      process.stdout.write(`figure: ${name}: ${count} points, median ${(median * 100).toFixed(1)} %\n`)
    expect(medians.filter(([, , median]) => median >= 0.2)).toEqual([])
  })

  it('is off by less than half in the worst case', () => {
    const [worst] = [...PUBLISHED_POINTS].sort((a, b) => Math.abs(deviationOf(b)) - Math.abs(deviationOf(a)))
    process.stdout.write(
      `figure: the worst is ${worst?.model} on ${worst?.chip} with ${worst?.engine}: ` +
        `${((worst ? deviationOf(worst) : 0) * 100).toFixed(0)} %\n`,
    )
    expect(Math.abs(worst ? deviationOf(worst) : 1)).toBeLessThan(0.5)
  })

  it('is shown beside them in docs/speed.md', () => {
    const page = readFileSync(join(import.meta.dirname, '../../..', 'docs', 'speed.md'), 'utf8')
    expect(page).toContain(formatSpeedTable())
  })
})
