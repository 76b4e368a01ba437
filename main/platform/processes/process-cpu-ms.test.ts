import { describe, expect, it } from 'vitest'
import { processCpuMs } from './process-cpu-ms.ts'

describe.runIf(process.platform === 'linux')('processCpuMs', () => {
  it('agrees with what the process says of itself, and knows no process that is not there', async () => {
    const { user, system } = process.cpuUsage()
    const told = await processCpuMs(process.pid)
    expect(told).toBeGreaterThan((user + system) / 1000 - 100)
    expect(told).toBeLessThan((user + system) / 1000 + 2_000)
    expect(await processCpuMs(2 ** 30)).toBeNull()
  })
})
