import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { formatGoals } from './format-goals.ts'
import { readGoals } from './read-goals.ts'

describe("the engine's goals", () => {
  it('are in docs/speed.md as they were last measured', () => {
    expect(readFileSync(new URL('../../../docs/speed.md', import.meta.url), 'utf8')).toContain(formatGoals(readGoals()))
  })

  it('were all measured', () => {
    const { goals } = readGoals()
    expect(goals).toHaveLength(12)
    expect(goals.filter(({ ours }) => /NaN|undefined|Infinity/.test(ours))).toEqual([])
  })

  it('say what was missed', () => {
    const goal = { what: 'a', mlxLm: null, ours: '2', goal: '1', hasPassed: false }
    expect(formatGoals({ machine: 'm', mlxLmVersion: '1', goals: [goal] })).toContain('| a |  | 2 | 1 | missed |')
  })
})
