export interface HardwarePort {
  /** `Thunderbolt 1`, `Wi-Fi`, `Ethernet Adapter (en4)`. */
  readonly portName: string
  readonly device: string
}

/**
 * Reads `networksetup -listallhardwareports`.
 *
 * @returns null when it lists no port at all
 */
export function parseHardwarePorts(text: string): HardwarePort[] | null {
  const ports: HardwarePort[] = []
  let portName: string | null = null
  for (const line of text.split(/\r?\n/)) {
    const [, key, value] = /^\s*(Hardware Port|Device)\s*:\s*(.*?)\s*$/.exec(line) ?? []
    if (value === undefined || value === '') continue
    if (key === 'Hardware Port') portName = value
    else if (portName !== null) {
      ports.push({ portName, device: value })
      portName = null
    }
  }
  return ports.length === 0 ? null : ports
}
