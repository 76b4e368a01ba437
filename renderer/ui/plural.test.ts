import { describe, expect, it } from 'vitest'
import { plural } from './plural.ts'

const machines = (count: number): string => plural(count, { one: '# machine', other: '# machines' })

describe('plural', () => {
  it('takes the form that the language uses with the number', () => {
    expect([0, 1, 2].map(machines)).toEqual(['0 machines', '1 machine', '2 machines'])
  })

  it('writes the number as the language does, wherever # stands', () => {
    expect(plural(12_345, { other: '# of #' })).toBe('12,345 of 12,345')
  })

  it('falls back to `other` where a form is missing', () => {
    expect(plural(1, { other: '# in all' })).toBe('1 in all')
  })
})
