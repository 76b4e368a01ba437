import { describe, expect, it } from 'vitest'
import { CHIPS, chipsOf } from './chips.ts'

const GiB = 2 ** 30

describe('chipsOf', () => {
  it.each([
    ['a chip of one memory size', { chip: 'Apple M4 Max', totalBytes: 36 * GiB }, [32]],
    ['the same with the prefix left out', { chip: 'm4 max', totalBytes: 128 * GiB }, [40]],
    ['memory in decimal gigabytes', { chip: 'Apple M4 Max', totalBytes: 64e9 }, [40]],
    ['a stated number of GPU cores', { chip: 'Apple M3 Ultra', gpuCores: 60, totalBytes: 256 * GiB }, [60]],
    ['a memory size of two variants', { chip: 'Apple M3 Ultra', totalBytes: 256 * GiB }, [60, 80]],
    ['a memory size that is not sold', { chip: 'Apple M2 Ultra', totalBytes: 100 * GiB }, [60, 76]],
    ['a chip that is not in the table', { chip: 'Intel Core i9', totalBytes: 64 * GiB }, []],
    ['no chip', { totalBytes: 64 * GiB }, []],
  ])('knows the variants of %s', (_, facts, gpuCores) => {
    expect(chipsOf(facts).map((chip) => chip.gpuCores)).toEqual(gpuCores)
  })

  it('lists speeds in a plausible order', () => {
    for (const chip of CHIPS) {
      expect(chip.bytesPerSecond).toBeGreaterThanOrEqual(68e9)
      expect(chip.bytesPerSecond).toBeLessThan(1e12)
      expect(chip.flopsPerSecond).toBeGreaterThan(2e12)
      expect(chip.flopsPerSecond).toBeLessThan(100e12)
    }
  })
})
