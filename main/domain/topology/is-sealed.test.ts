import { describe, expect, it } from 'vitest'
import { isSealed } from './is-sealed.ts'

describe('isSealed', () => {
  it.each([
    ['10.0.0.1', 'ethernet', true],
    ['192.168.1.7', 'wifi', true],
    ['10.0.0.1', 'unknown', true],
    ['169.254.3.1', 'thunderbolt', false],
    ['127.0.0.1', 'unknown', false],
    ['127.9.8.7', 'ethernet', false],
  ] as const)('B1: with --seal-ring lan, %s over %s: %s', (address, medium, expected) =>
    expect(isSealed(['lan', 'lan'], address, medium)).toBe(expected),
  )

  it('B1: always and never hold for every path, and one end that wants a seal is enough', () => {
    const everywhere = (...policies: ('always' | 'lan' | 'never')[]): boolean[] => [
      isSealed(policies, '10.0.0.1', 'ethernet'),
      isSealed(policies, '127.0.0.1', 'thunderbolt'),
    ]
    expect(everywhere('always', 'always')).toEqual([true, true])
    expect(everywhere('never', 'never')).toEqual([false, false])
    expect(everywhere('never', 'always')).toEqual([true, true])
    expect(everywhere('lan', 'never')).toEqual([true, false])
  })
})
