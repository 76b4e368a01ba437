import { describe, expect, it } from 'vitest'
import { HistoryRow } from '../../../main/shared/history.ts'
import { averageByModel, decodeRateOf, medianOfRows, toCsv } from './history-rows.ts'

const row = (model: string, part: Partial<HistoryRow> = {}): HistoryRow =>
  HistoryRow.parse({
    ...Object.fromEntries(Object.keys(HistoryRow.shape).map((column) => [column, null])),
    id: '1',
    timestamp: '2026-01-01T00:00:00Z',
    model,
    prompt_tokens: 1,
    completion_tokens: 2,
    latency_ms: 100,
    devices: 1,
    trit: 0,
    finish_reason: 'stop',
    ...part,
  })

describe('the history', () => {
  it('averages by model, the busiest first, over the values that are there', () => {
    expect(averageByModel([row('a'), row('b', { latency_ms: 50, ttft_ms: 10 }), row('b', { latency_ms: 150 })])).toEqual([
      { model: 'b', requests: 2, latencyMs: 100, ttftMs: 10, decodeTokensPerSecond: null },
      { model: 'a', requests: 1, latencyMs: 100, ttftMs: null, decodeTokensPerSecond: null },
    ])
    expect([medianOfRows([3, null, 1, 2]), medianOfRows([null])]).toEqual([2, null])
  })
  it('B25: does not average what was cancelled or failed, and knows no speed of an answer that did not come', () => {
    const rows = [
      row('a', { decode_tokens_per_second: 30 }),
      row('a', { finish_reason: null, decode_tokens_per_second: 0, latency_ms: 9000 }),
      row('a', { error: 'lost' }),
      row('a', { finish_reason: 'cancelled', decode_tokens_per_second: 26, latency_ms: 91 }),
      row('a', { finish_reason: 'stop,cancelled', latency_ms: 92 }),
    ]
    expect(averageByModel(rows)).toMatchObject([{ model: 'a', requests: 1, latencyMs: 100, decodeTokensPerSecond: 30 }])
    expect(rows.map(decodeRateOf)).toEqual([30, null, null, 26, null])
    expect(averageByModel(rows.slice(1))).toEqual([])
  })
  it('writes CSV that a spreadsheet reads and does not run', () => {
    const [head, line] = toCsv([row('say "hi", all', { error: '=1+1' })]).split('\r\n')
    expect(head).toMatch(/^id,timestamp,model,prompt_tokens/)
    expect(line).toContain('"say ""hi"", all"')
    expect(line).toContain(",'=1+1,")
  })
})
