export interface NetworkCounters {
  readonly bytes: number
  readonly packets: number
}

/** What the loopback interface has carried, headers included: Linux's `/proc/net/dev`. Null where it has none. */
export function parseLoopbackCounters(text: string): NetworkCounters | null {
  // Received bytes and packets come first; on loopback all that is sent is received.
  const match = /^\s*lo:\s*(\d+)\s+(\d+)/m.exec(text)
  return match ? { bytes: Number(match[1]), packets: Number(match[2]) } : null
}
