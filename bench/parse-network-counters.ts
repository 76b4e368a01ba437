export interface NetworkCounters {
  readonly bytes: number
  readonly packets: number
}

/** Reads the traffic of the loopback interface, including headers, from Linux's `/proc/net/dev`. Null if there is no such interface. */
export function parseLoopbackCounters(text: string): NetworkCounters | null {
  // Received bytes and packets are the first fields; on loopback, everything sent is also received.
  const match = /^\s*lo:\s*(\d+)\s+(\d+)/m.exec(text)
  return match ? { bytes: Number(match[1]), packets: Number(match[2]) } : null
}
