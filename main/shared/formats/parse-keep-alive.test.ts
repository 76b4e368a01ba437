import { describe, expect, it } from 'vitest'
import { KEEP_ALIVE_PATTERN, parseKeepAlive } from './parse-keep-alive.ts'

describe('parseKeepAlive', () => {
  it.each([
    [0, 0],
    ['0', 0],
    ['0s', 0],
    ['0.0m', 0],
    [5, 5000],
    ['300', 300_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['1.5h', 5_400_000],
    ['.5s', 500],
    ['250ms', 250],
    [' 10s ', 10_000],
    [-1, null],
    ['-1', null],
    ['-1m', null],
    ['-1s', null],
  ])('reads %j', (written, ms) => expect(parseKeepAlive(written)).toBe(ms))

  it.each(['', 'm', '5 m', '5mm', 'soon', '5x', '1h-5m', '--1', Number.NaN, Infinity])('refuses %j', (written) =>
    expect(parseKeepAlive(written)).toBeUndefined(),
  )

  it.each(['', '0', '300', '5m', '1h30m', '1.5h', '.5s', '250ms', '-1', '-1m', 'm', '5 m', '5mm', 'soon', '1h-5m', '--1'])(
    'has a pattern that agrees about %j',
    (written) => expect(new RegExp(KEEP_ALIVE_PATTERN).test(written)).toBe(written === '' || parseKeepAlive(written) !== undefined),
  )

  it('bounds what nobody waits for', () => {
    expect(parseKeepAlive('9999999999h')).toBe(parseKeepAlive(1e300))
    expect(new Date(Date.now() + (parseKeepAlive(1e300) ?? 0)).toISOString()).toMatch(/^2/)
  })
})
