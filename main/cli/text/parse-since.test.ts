import { expect, it } from 'vitest'
import { parseSince } from './parse-since.ts'

it('reads ages and dates', () => {
  const nowMs = Date.parse('2026-06-01T12:00:00Z')
  const ago = (text: string): string => new Date(parseSince(text, nowMs) ?? NaN).toISOString()
  expect(['90s', '30m', '2h', '1.5h', '7d', '2w', '2026-05-01', '2026-05-01T10:00:00Z', '2026-05-01T10:00:00+02:00'].map(ago)).toEqual([
    '2026-06-01T11:58:30.000Z',
    '2026-06-01T11:30:00.000Z',
    '2026-06-01T10:00:00.000Z',
    '2026-06-01T10:30:00.000Z',
    '2026-05-25T12:00:00.000Z',
    '2026-05-18T12:00:00.000Z',
    '2026-05-01T00:00:00.000Z',
    '2026-05-01T10:00:00.000Z',
    '2026-05-01T08:00:00.000Z',
  ])
  expect(['', '2', 'h', '2 h', '-2h', '2y', 'yesterday', '2026-13-45'].map((text) => parseSince(text, nowMs))).toEqual(
    Array.from({ length: 8 }, () => null),
  )
})
