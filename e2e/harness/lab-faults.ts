/** What is wrong with the lab's network. Hosts are numbered from 1. */
export interface LabFaults {
  /** Pairs of which the first cannot reach the second. */
  readonly cuts: readonly (readonly [from: number, to: number])[]
  /** Part of the packets of a host that are lost, each way. */
  readonly lossRatios: ReadonlyMap<number, number>
  /** Larger packets are dropped; null: none are. */
  readonly largestBytes: number | null
  /** Pairs of which the second gets no larger packets from the first. */
  readonly narrow?: readonly (readonly [from: number, to: number, largestBytes: number])[]
  readonly isMulticastBlocked: boolean
  readonly isBroadcastBlocked: boolean
}

/** The switch's port of a host; the second name is used while its packets are delayed. */
const port = (host: number): string => `{ p${host}, r${host} }`

/** The nftables rules that make the switch behave so. ARP and neighbour discovery always pass where there is no cut. */
export function formatFaultRules({
  cuts,
  lossRatios,
  largestBytes,
  narrow = [],
  isMulticastBlocked,
  isBroadcastBlocked,
}: LabFaults): string {
  const rules: string[] = cuts.map(([from, to]) => `iifname ${port(from)} oifname ${port(to)} drop`)
  for (const [host, ratio] of lossRatios) {
    const lost = `numgen random mod 10000 < ${Math.round(ratio * 10_000)} drop`
    rules.push(`iifname ${port(host)} ${lost}`, `oifname ${port(host)} ${lost}`)
  }
  rules.push(...narrow.map(([from, to, bytes]) => `iifname ${port(from)} oifname ${port(to)} meta length > ${bytes} drop`))
  if (largestBytes !== null) rules.push(`meta length > ${largestBytes} drop`)
  if (isMulticastBlocked)
    rules.push('ether type ip ip daddr 224.0.0.0/4 drop', 'ether type ip6 ip6 daddr ff00::/8 meta l4proto != icmpv6 drop')
  if (isBroadcastBlocked) rules.push('ether type ip ether daddr ff:ff:ff:ff:ff:ff drop')
  const chain = `  chain forwarding {\n    type filter hook forward priority 0; policy accept;\n${rules.map((rule) => `    ${rule}\n`).join('')}  }`
  return `add table bridge lab\nflush table bridge lab\ntable bridge lab {\n${chain}\n}\n`
}
