import { describe, expect, it } from 'vitest'
import { AppError } from '../../shared/app-error.ts'
import type { HardwareFacts } from '../../shared/hardware.ts'
import type { HardwareReader } from './hardware-reader.ts'
import { probeHardware, probeIntervalMs } from './probe-hardware.ts'

const idle: HardwareFacts = {
  name: 'mac',
  platform: 'darwin',
  chip: 'Apple M4 Max',
  model: null,
  osVersion: '26.2',
  cores: 16,
  totalBytes: 64e9,
  availableBytes: 50e9,
  interfaces: [],
  thunderboltPorts: [],
  rdma: 'disabled',
  bridge: null,
  missing: [],
}

/** Runs the probe with a simulated clock; `at` is called with the time before each reading. */
async function probe(
  untilMs: number,
  reader: (atMs: number) => Partial<HardwareFacts>,
  memory: (atMs: number) => number | null = () => idle.availableBytes,
  addresses?: (atMs: number) => string,
) {
  let nowMs = 0
  const stop = new AbortController()
  const readAtMs: number[] = []
  const told: [number, HardwareFacts][] = []
  const warnings: string[] = []
  const source: HardwareReader = {
    restIntervalMs: 30_000,
    read: async () => {
      readAtMs.push(nowMs)
      return { ...idle, ...reader(nowMs) }
    },
    record: async () => Promise.reject(new Error('not asked for')),
    readAvailableBytes: async () => memory(nowMs),
  }
  await probeHardware(
    {
      reader: source,
      clock: {
        now: () => nowMs,
        sleep: async (durationMs) => {
          nowMs += durationMs
          if (nowMs < untilMs) return
          stop.abort(new Error('done'))
          throw stop.signal.reason
        },
      },
      log: { info: () => undefined, warn: (_, fields) => void warnings.push(String(fields?.['error'])) },
      ...(addresses ? { addresses: () => addresses(nowMs) } : {}),
      onFacts: (facts) => void told.push([nowMs, facts]),
    },
    stop.signal,
  )
  return { readAtMs, told, warnings }
}

describe('probeHardware', () => {
  it('slows down at rest', async () => {
    const { readAtMs, told } = await probe(400_000, () => ({}))
    const gaps = readAtMs.slice(1).map((at, index) => Math.round((at - (readAtMs[index] ?? 0)) / 1000))
    expect(gaps.slice(0, 4)).toEqual([2, 2, 2, 2])
    expect(gaps.at(-1)).toBe(30)
    expect(gaps).toEqual([...gaps].sort((a, b) => a - b))
    expect(told).toEqual([[0, idle]])
  })
  it('F2: reads all within two seconds of a new address, though it was long at rest', async () => {
    const { readAtMs } = await probe(
      400_000,
      () => ({}),
      undefined,
      (at) => (at < 300_500 ? '10.77.0.2' : '10.77.0.41'),
    )
    const seen = readAtMs.find((at) => at >= 300_500) ?? Number.POSITIVE_INFINITY
    expect(seen - 300_500).toBeLessThanOrEqual(2_000)
  })
  it('speeds up after a change, and tells it once', async () => {
    const { readAtMs, told } = await probe(400_000, (at) => (at < 200_000 ? {} : { rdma: 'enabled' }))
    const seen = readAtMs.findIndex((at) => at >= 200_000)
    expect(readAtMs.slice(seen, seen + 4).map((at) => at - (readAtMs[seen] ?? 0))).toEqual([0, 2000, 4000, 6000])
    expect(told.map(([, { rdma }]) => rdma)).toEqual(['disabled', 'enabled'])
  })
  it('follows free memory in between, without haste', async () => {
    const { told, readAtMs } = await probe(
      300_000,
      () => ({}),
      (at) => idle.availableBytes - Math.round(at / 1000),
    )
    expect(told.length).toBeGreaterThan(readAtMs.length)
    expect(readAtMs.length).toBeLessThan(40)
  })
  it('keeps what it knew when a reading fails', async () => {
    const { told, warnings } = await probe(60_000, (at) => {
      if (at > 0) throw new AppError('hardware-file-invalid', 'broken')
      return {}
    })
    expect(told).toEqual([[0, idle]])
    expect(new Set(warnings)).toEqual(new Set(['broken']))
  })
  it('fails when there is nothing to know at first', async () => {
    const broken = probe(60_000, () => {
      throw new AppError('hardware-file-invalid', 'broken')
    })
    await expect(broken).rejects.toMatchObject({ code: 'hardware-file-invalid' })
  })
})

describe('probeIntervalMs', () => {
  it.each([
    [0, 30_000, 2_000],
    [40_000, 30_000, 10_000],
    [1e9, 30_000, 30_000],
    [1e9, 2_000, 2_000],
  ])('%i ms after a change, at most %i: %i', (since, rest, expected) => expect(probeIntervalMs(since, rest)).toBe(expected))
})
