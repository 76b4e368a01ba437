import { once } from 'node:events'
import type { NetworkLab } from '../harness/network-lab.ts'

/** Bytes that a host has sent and received since it is there. */
export async function trafficOf(lab: NetworkLab, host: number): Promise<number> {
  const reader = lab.run(host, 'cat', ['/proc/self/net/dev'])
  let text = ''
  reader.stdout.on('data', (part) => (text += String(part)))
  await once(reader, 'close')
  // Interface, then received bytes and seven more, then sent bytes.
  const fields = /eth0:\s*(.*)/.exec(text)?.[1]?.split(/\s+/) ?? []
  return Number(fields[0]) + Number(fields[8])
}
