import { formatBytes } from '../shared/formats/byte-size.ts'
import type { BenchmarkResult, BenchmarkRow } from './benchmark-result.ts'
import type { BaselineRatios } from './compare-baseline.ts'
import type { Percentiles } from './statistics.ts'

const figure = (value: number | null, digits = 1): string => (value === null ? '' : value.toFixed(digits))
const spread = (values: Percentiles | null): string =>
  values ? [values.p50, values.p95, values.p99].map((value) => value.toFixed(1)).join('/') : ''
const times = (ratio: number | null | undefined): string => (ratio === null || ratio === undefined ? '' : `${ratio.toFixed(2)}x`)

/** Cells of the printed table: a header, then one line per row. */
export function benchmarkTable({ rows }: BenchmarkResult, ratios: readonly (BaselineRatios | null)[] | null): string[][] {
  const withMemory = rows.some(({ peakMemoryBytes }) => peakMemoryBytes !== null)
  const withLinks = rows.some(({ linkBytes }) => (linkBytes ?? 0) > 0)
  const head = [
    'MODEL',
    'HOW',
    'PROMPT+OUT',
    'AT ONCE',
    'PREFILL T/S',
    'DECODE T/S',
    'ALL T/S',
    'TTFT MS p50/95/99',
    'TOKEN MS p50/95/99',
    ...(withMemory ? ['PEAK MEMORY'] : []),
    ...(withLinks ? ['LINKS'] : []),
    ...(ratios ? ['PREFILL', 'DECODE', 'ALL', 'TTFT'] : []),
  ]
  return [
    head,
    ...rows.map((row, index) => [
      row.model,
      row.strategy === 'auto' && row.backend === 'auto' ? 'auto' : `${row.strategy}/${row.backend}`,
      `${row.promptTokens}+${row.outputTokens}`,
      `${row.concurrency}`,
      figure(row.prefillTokensPerSecond),
      figure(row.decodeTokensPerSecond),
      figure(row.totalTokensPerSecond),
      spread(row.ttftMs),
      spread(row.interTokenMs),
      ...(withMemory ? [describeMemory(row)] : []),
      ...(withLinks ? [row.linkBytes === null ? '' : formatBytes(row.linkBytes)] : []),
      ...(ratios
        ? [
            times(ratios[index]?.prefillRatio),
            times(ratios[index]?.decodeRatio),
            times(ratios[index]?.totalRatio),
            times(ratios[index]?.ttftRatio),
          ]
        : []),
    ]),
  ]
}

function describeMemory({ peakMemoryBytes }: BenchmarkRow): string {
  const nodes = Object.entries(peakMemoryBytes ?? {})
  return nodes.map(([node, bytes]) => (nodes.length === 1 ? formatBytes(bytes) : `${node.slice(0, 8)} ${formatBytes(bytes)}`)).join(' ')
}

/** Cells for spreadsheets: one column per figure. */
export function benchmarkRecords({ rows }: BenchmarkResult, ratios: readonly (BaselineRatios | null)[] | null): unknown[][] {
  const spreadNames = (name: string): string[] => [`${name}_p50`, `${name}_p95`, `${name}_p99`]
  const spreadCells = (values: Percentiles | null): unknown[] => [values?.p50, values?.p95, values?.p99]
  const head = [
    'model',
    'strategy',
    'backend',
    'prompt_tokens',
    'output_tokens',
    'concurrency',
    'requests',
    'failed',
    'prefill_tokens_per_second',
    'decode_tokens_per_second',
    'total_tokens_per_second',
    ...spreadNames('ttft_ms'),
    ...spreadNames('inter_token_ms'),
    'peak_memory_bytes',
    'link_bytes',
    'error',
    ...(ratios ? ['prefill_ratio', 'decode_ratio', 'total_ratio', 'ttft_ratio'] : []),
  ]
  return [
    head,
    ...rows.map((row, index) => [
      row.model,
      row.strategy,
      row.backend,
      row.promptTokens,
      row.outputTokens,
      row.concurrency,
      row.requests,
      row.failed,
      row.prefillTokensPerSecond,
      row.decodeTokensPerSecond,
      row.totalTokensPerSecond,
      ...spreadCells(row.ttftMs),
      ...spreadCells(row.interTokenMs),
      row.peakMemoryBytes === null ? null : Object.values(row.peakMemoryBytes).reduce((total, bytes) => total + bytes, 0),
      row.linkBytes,
      row.error,
      ...(ratios ? [ratios[index]?.prefillRatio, ratios[index]?.decodeRatio, ratios[index]?.totalRatio, ratios[index]?.ttftRatio] : []),
    ]),
  ]
}
