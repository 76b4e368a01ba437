export interface ConfiguredInterface {
  readonly name: string
  readonly isUp: boolean
  /** `status: active`; null if not reported. */
  readonly hasCarrier: boolean | null
  readonly addresses: readonly string[]
  /** The members of a bridge. */
  readonly members: readonly string[]
  /** The netmask as printed by `ifconfig`, such as `0xffffff00`, by IPv4 address. */
  readonly netmasks: Readonly<Record<string, string>>
}

/**
 * Reads `ifconfig`, for one interface or for all.
 *
 * @returns null if it names no interface
 */
export function parseIfconfig(text: string): ConfiguredInterface[] | null {
  const blocks: { heading: string; name: string; lines: string[] }[] = []
  for (const line of text.split(/\r?\n/)) {
    const heading = /^([A-Za-z][\w.-]*):\s+(flags=.*)$/.exec(line)
    if (heading) blocks.push({ name: heading[1] ?? '', heading: heading[2] ?? '', lines: [] })
    else blocks.at(-1)?.lines.push(line.trim())
  }
  return blocks.length === 0 ? null : blocks.map(({ name, heading, lines }) => ({ name, ...readBlock(heading, lines) }))
}

function readBlock(heading: string, lines: readonly string[]): Omit<ConfiguredInterface, 'name'> {
  const flags = /^flags=\w*<([^>]*)>/.exec(heading)?.[1]?.split(',') ?? []
  const status = lines.map((line) => /^status:\s*(\w+)/.exec(line)?.[1]).find((found) => found !== undefined)
  const wordsAfter = (key: string): string[] => lines.flatMap((line) => (line.startsWith(`${key} `) ? (line.split(/\s+/)[1] ?? []) : []))
  const netmasks = lines.flatMap((line) => {
    const [, address, netmask] = /^inet (\S+) .*?netmask (\S+)/.exec(line) ?? []
    return address !== undefined && netmask !== undefined ? [[address, netmask] as const] : []
  })
  return {
    isUp: flags.includes('UP'),
    hasCarrier: status === undefined ? null : status === 'active',
    addresses: [...wordsAfter('inet'), ...wordsAfter('inet6').map((address) => address.replace(/%.*$/, ''))],
    members: wordsAfter('member:'),
    netmasks: Object.fromEntries(netmasks),
  }
}
