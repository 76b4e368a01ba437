import type { NetworkLab } from '../../harness/network-lab.ts'
import { whenEnded } from '../../harness/when-ended.ts'

/** Bytes that a host has sent and received since it is there. */
export async function trafficOf(lab: NetworkLab, host: number): Promise<number> {
  const { output } = await whenEnded(lab.run(host, 'cat', ['/proc/self/net/dev']))
  // Interface, then received bytes and seven more, then sent bytes.
  const fields = /eth0:\s*(.*)/.exec(output)?.[1]?.split(/\s+/) ?? []
  return Number(fields[0]) + Number(fields[8])
}
