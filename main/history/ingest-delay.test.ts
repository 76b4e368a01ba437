import { expect, it } from 'vitest'
import { ingestDelayMs } from './ingest-delay.ts'

const limits = { quietMs: 30, longestMs: 300, rows: 100 }

it('waits for quiet, not forever, and not for a full journal', () => {
  expect(ingestDelayMs({ rows: 1, firstRowAtMs: 1_000, lastRowAtMs: 1_000 }, 1_000, limits)).toBe(30)
  expect(ingestDelayMs({ rows: 9, firstRowAtMs: 1_000, lastRowAtMs: 1_290 }, 1_290, limits)).toBe(10)
  expect(ingestDelayMs({ rows: 9, firstRowAtMs: 1_000, lastRowAtMs: 1_290 }, 2_000, limits)).toBe(0)
  expect(ingestDelayMs({ rows: 100, firstRowAtMs: 1_000, lastRowAtMs: 1_000 }, 1_000, limits)).toBe(0)
})
