import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { deviationOf, formatSpeedTable, medianDeviation } from './__fixtures__/format-speed-docs.ts'
import { publishedCard } from './__fixtures__/published-models.ts'
import { PUBLISHED_POINTS, type PublishedPoint } from './__fixtures__/published-points.ts'

describe('the forecast against published measurements', () => {
  it('is off by less than 20 % in the middle case, for each engine, phase and kind of machine and model', () => {
    expect(PUBLISHED_POINTS.length).toBeGreaterThanOrEqual(40)
    const isOf = (generation: string) => (point: PublishedPoint) => point.chip.startsWith(`Apple ${generation}`)
    const kinds: Readonly<Record<string, (point: PublishedPoint) => boolean>> = {
      all: () => true,
      mlx: ({ engine }) => engine === 'mlx',
      'llama.cpp': ({ engine }) => engine === 'llama.cpp',
      prompts: ({ measure }) => 'promptOf' in measure,
      'contexts from 4,000 tokens': ({ measure }) => 'decodeAt' in measure && measure.decodeAt >= 4000,
      'experts, generation': ({ model, quantization, measure }) =>
        publishedCard(model, quantization).experts !== undefined && 'decodeAt' in measure,
      groups: ({ machines }) => machines > 1,
      ...Object.fromEntries(['M1', 'M2', 'M3', 'M4', 'M5'].map((generation) => [generation, isOf(generation)])),
    }
    const medians = Object.entries(kinds).map(([name, isOne]) => {
      const points = PUBLISHED_POINTS.filter(isOne)
      return [name, points.length, medianDeviation(points)] as const
    })
    for (const [name, count, median] of medians)
      process.stdout.write(`figure: ${name}: ${count} points, median ${(median * 100).toFixed(1)} %\n`)
    expect(medians.filter(([, , median]) => median >= 0.2)).toEqual([])
  })

  it('is off by less than 60 % in the worst case: prompts of gpt-oss, whose experts MLX evaluates slowly', () => {
    const [worst] = [...PUBLISHED_POINTS].sort((a, b) => Math.abs(deviationOf(b)) - Math.abs(deviationOf(a)))
    process.stdout.write(
      `figure: the worst is ${worst?.model} on ${worst?.chip} with ${worst?.engine}: ` +
        `${((worst ? deviationOf(worst) : 0) * 100).toFixed(0)} %\n`,
    )
    expect(Math.abs(worst ? deviationOf(worst) : 1)).toBeLessThan(0.6)
  })

  it('is shown beside them in docs/speed.md', () => {
    const page = readFileSync(join(import.meta.dirname, '../../..', 'docs', 'speed.md'), 'utf8')
    expect(page).toContain(formatSpeedTable())
  })
})
