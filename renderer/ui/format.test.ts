// @vitest-environment happy-dom
import { afterEach, expect, it, vi } from 'vitest'

afterEach(() => {
  localStorage.clear()
  vi.resetModules()
})

it.each([
  ['en', ['15.6 GB', '1.5 GiB', '4.4 s', '20.5', '1.5M', '512 GiB']],
  ['de', ['15,6 GB', '1,5 GiB', '4,4 s', '20,5', '1,5M', '512 GiB']],
])('numbers have the decimal sign of the language: %s', async (language, expected) => {
  localStorage.setItem('exo.language', language)
  const { bytesText, formatContext, formatDuration, memoryText, formatRate } = await import('./format.ts')
  const gib = 2 ** 30
  expect([
    bytesText(15.6e9),
    memoryText(1.5 * gib),
    formatDuration(4400),
    formatRate(20.5),
    formatContext(1.5 * 2 ** 20),
    memoryText(512 * gib),
  ]).toEqual(expected)
})

it('tells a long wait in hours', async () => {
  const { formatWait } = await import('./format.ts')
  expect([12_000, 240_000, 7_100_000, 9_000_000].map(formatWait)).toEqual(['12 s', '4 min', '118 min', '2.5 h'])
})
