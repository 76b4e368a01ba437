import type { NetworkLab } from '../../harness/network-lab.ts'
import { whenEnded } from '../../harness/when-ended.ts'

/** The bytes that a host has sent and received since its creation. */
export async function trafficOf(lab: NetworkLab, host: number): Promise<number> {
  const { output } = await whenEnded(lab.run(host, 'cat', ['/proc/self/net/dev']))
  // The interface, the received bytes, seven more fields, and the sent bytes.
  const fields = /eth0:\s*(.*)/.exec(output)?.[1]?.split(/\s+/) ?? []
  return Number(fields[0]) + Number(fields[8])
}
