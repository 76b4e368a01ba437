import { describe, expect, it } from 'vitest'
import { ChaosDraw } from './chaos-draw.ts'
import { formatChaosTable } from './chaos-table.ts'

const drawAll = (seed: string): unknown => {
  const draw = new ChaosDraw(seed)
  const numbers = Array.from({ length: 50 }, () => draw.between('n', 3, 7))
  return [numbers, draw.one('host', [1, 2, 3, 4], String), draw.shuffled(['a', 'b', 'c', 'd', 'e']), draw.describe()]
}

describe('the choices of chaos', () => {
  it('are the same for the same seed, others for another, and within their bounds', () => {
    expect(drawAll('7 1')).toEqual(drawAll('7 1'))
    expect(drawAll('7 1')).not.toEqual(drawAll('7 2'))
    const draw = new ChaosDraw('7')
    const numbers = new Set(Array.from({ length: 200 }, () => draw.between('n', 3, 7)))
    expect([...numbers].toSorted()).toEqual([3, 4, 5, 6, 7])
    expect(draw.shuffled([1, 2, 3, 4]).toSorted()).toEqual([1, 2, 3, 4])
  })

  it('stand in a table with the runs, the failures and the worst gap of each case', () => {
    const table = formatChaosTable(
      [
        { name: 'a', isSame: true, error: null, gapMs: 1_000, limitMs: 5_000 },
        { name: 'a', isSame: true, error: null, gapMs: 9_000, limitMs: 5_000 },
        { name: 'a', isSame: false, error: 'refused\nat once', gapMs: null, limitMs: 5_000 },
      ],
      '42',
    )
    expect(table.split('\n')[0]).toContain('--seed 42')
    expect(table).toMatch(/^a +3 +2 +2 +1\.0 +9\.0$/m)
    expect(table).toContain('a: refused')
    expect(table).toContain('a: a gap of 9.0 s, more than 5.0 s')
  })
})
