import { isIPv4 } from 'node:net'
import type { NetworkInterface } from '../../shared/hardware.ts'
import { isLoopbackHost } from '../../shared/is-loopback-host.ts'

/** A phone is on the same Wi-Fi or network. It reaches neither a cable between two Macs nor a container. */
const KINDS = ['wifi', 'ethernet'] as const
const SELF_ASSIGNED = /^169\.254\./

/** The addresses at which other devices on the network reach the API, Wi-Fi first; empty: it is on loopback only. */
export function networkUrls(
  { host, port }: { readonly host: string; readonly port: number },
  interfaces: readonly NetworkInterface[],
): string[] {
  if (isLoopbackHost(host)) return []
  const isAll = host === '0.0.0.0' || host === '::'
  if (!isAll) return [`http://${host.includes(':') ? `[${host}]` : host}:${port}`]
  return KINDS.flatMap((kind) => interfaces.filter((entry) => entry.kind === kind))
    .flatMap(({ addresses }) => addresses)
    .filter((address) => isIPv4(address) && !isLoopbackHost(address) && !SELF_ASSIGNED.test(address))
    .map((address) => `http://${address}:${port}`)
}
