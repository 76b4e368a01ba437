const MEBIBYTE = 2 ** 20
/** Macs with more memory than this allow the GPU three quarters of it, the others two thirds. */
const LARGE_BYTES = 36 * 2 ** 30

/** The memory limit of a Mac's GPU, from `sysctl iogpu.wired_limit_mb`; null if the Mac does not have this setting. */
export function gpuLimitBytes(totalBytes: number, sysctl: string | null): number | null {
  const megabytes = /^iogpu\.wired_limit_mb\s*[:=]\s*(\d+)\s*$/m.exec(sysctl ?? '')?.[1]
  if (megabytes === undefined) return null
  // 0: the system's default.
  if (Number(megabytes) > 0) return Math.min(totalBytes, Number(megabytes) * MEBIBYTE)
  return Math.floor(totalBytes * (totalBytes > LARGE_BYTES ? 3 / 4 : 2 / 3))
}
