export interface ProcessUsage {
  readonly residentBytes: number
  /** User plus system time since the start of the process. */
  readonly cpuSeconds: number
}

/** The resource usage of this process, without its children. */
export function readProcessUsage(): ProcessUsage {
  const { user, system } = process.cpuUsage()
  return { residentBytes: process.memoryUsage.rss(), cpuSeconds: (user + system) / 1e6 }
}
