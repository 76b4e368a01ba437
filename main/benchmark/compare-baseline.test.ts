import { expect, it } from 'vitest'
import type { BenchmarkResult, BenchmarkRow } from './benchmark-result.ts'
import { compareBaseline } from './compare-baseline.ts'

const row = (overrides: Partial<BenchmarkRow>): BenchmarkRow => ({
  model: 'a',
  strategy: 'auto',
  backend: 'auto',
  promptTokens: 100,
  outputTokens: 10,
  concurrency: 1,
  requests: 3,
  failed: 0,
  prefillTokensPerSecond: 100,
  decodeTokensPerSecond: 10,
  totalTokensPerSecond: 8,
  ttftMs: { p50: 50, p95: 60, p99: 70 },
  interTokenMs: null,
  peakMemoryBytes: null,
  linkBytes: null,
  error: null,
  ...overrides,
})
const result = (...rows: BenchmarkRow[]): BenchmarkResult => ({ name: 'x', startedAt: '', url: '', rows })

it('divides now by then, case by case', () => {
  const baseline = result(
    row({ concurrency: 4 }),
    row({ decodeTokensPerSecond: 5, ttftMs: { p50: 100, p95: 1, p99: 1 } }),
    row({ model: 'b', prefillTokensPerSecond: null }),
  )
  expect(compareBaseline(result(row({}), row({ concurrency: 2 }), row({ model: 'b' })), baseline)).toEqual([
    { prefillRatio: 1, decodeRatio: 2, totalRatio: 1, ttftRatio: 0.5 },
    null,
    { prefillRatio: null, decodeRatio: 1, totalRatio: 1, ttftRatio: 1 },
  ])
})

it('compares servers that name the one model differently and count its prompt a little differently', () => {
  expect(compareBaseline(result(row({ promptTokens: 103 })), result(row({ model: 'A-4bit' })))[0]).toMatchObject({ decodeRatio: 1 })
  expect(compareBaseline(result(row({ promptTokens: 130 })), result(row({})))).toEqual([null])
})
