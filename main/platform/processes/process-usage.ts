export interface ProcessUsage {
  readonly residentBytes: number
  /** Of user and system together, since the process began. */
  readonly cpuSeconds: number
}

/** What this process takes of the machine; its children aside. */
export function readProcessUsage(): ProcessUsage {
  const { user, system } = process.cpuUsage()
  return { residentBytes: process.memoryUsage.rss(), cpuSeconds: (user + system) / 1e6 }
}
