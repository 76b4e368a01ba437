/** The faults of the lab's network. Hosts are numbered from 1. */
export interface LabFaults {
  /** Pairs in which the first host cannot reach the second. */
  readonly cuts: readonly (readonly [from: number, to: number])[]
  /** The ratio of a host's packets that are lost, in each direction. */
  readonly lossRatios: ReadonlyMap<number, number>
  /** Larger packets are dropped; null: no limit. */
  readonly largestBytes: number | null
  /** Pairs in which larger packets from the first host to the second are dropped. */
  readonly narrow?: readonly (readonly [from: number, to: number, largestBytes: number])[]
  readonly isMulticastBlocked: boolean
  readonly isBroadcastBlocked: boolean
}

/** The switch's port of a host. The second name is in use while its packets are delayed. */
const port = (host: number): string => `{ p${host}, r${host} }`

/** The nftables rules for these faults. ARP and neighbour discovery pass unless there is a cut. */
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
  const chain =
    '  chain forwarding {\n    type filter hook forward priority 0; policy accept;\n' +
    `${rules.map((rule) => `    ${rule}\n`).join('')}  }`
  return `add table bridge lab\nflush table bridge lab\ntable bridge lab {\n${chain}\n}\n`
}
