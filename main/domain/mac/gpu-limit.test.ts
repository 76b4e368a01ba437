import { describe, expect, it } from 'vitest'
import { gpuLimitBytes } from './gpu-limit.ts'

const GIB = 2 ** 30

describe('gpuLimitBytes', () => {
  it.each([
    [64 * GIB, 'iogpu.wired_limit_mb: 0\n', 48 * GIB],
    [24 * GIB, 'iogpu.wired_limit_mb: 0\n', 16 * GIB],
    [64 * GIB, 'iogpu.wired_limit_mb: 57344\n', 56 * GIB],
    [64 * GIB, 'iogpu.wired_limit_mb=57344', 56 * GIB],
    [64 * GIB, 'iogpu.wired_limit_mb: 999999\n', 64 * GIB],
    [64 * GIB, "sysctl: unknown oid 'iogpu.wired_limit_mb'\n", null],
    [64 * GIB, null, null],
  ])('of %d bytes where the Mac says %j', (totalBytes, sysctl, limit) => expect(gpuLimitBytes(totalBytes, sysctl)).toBe(limit))
})
