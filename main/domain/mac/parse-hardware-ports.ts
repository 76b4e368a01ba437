export interface HardwarePort {
  /** `Thunderbolt 1`, `Wi-Fi`, `Ethernet Adapter (en4)`. */
  readonly portName: string
  readonly device: string
}

/** `key: value`, including the colon of Chinese and Japanese. */
const FIELD = /^\s*([^:：]+?)\s*[:：]\s*(.*?)\s*$/
const DEVICE = /^[a-z]+\d+$/

/**
 * Reads `networksetup -listallhardwareports`: blocks of lines of which the first names the port and the second its
 * device, in any language.
 *
 * @returns null if it lists no port at all
 */
export function parseHardwarePorts(text: string): HardwarePort[] | null {
  const ports: HardwarePort[] = []
  let before: { key: string; value: string } | null = null
  for (const line of text.split(/\r?\n/)) {
    const [, key, value] = FIELD.exec(line) ?? []
    if (key === undefined || value === undefined || value === '') {
      if (line.trim() === '') before = null
      continue
    }
    if (before !== null && (key === 'Device' || (before.key !== 'Device' && DEVICE.test(value)))) {
      ports.push({ portName: before.value, device: value })
      before = { key: 'Device', value }
    } else if (before === null || key === 'Hardware Port') before = { key, value }
  }
  return ports.length === 0 ? null : ports
}

/** The N of `Thunderbolt N`, regardless of the language of the words around it; null for other ports and for the bridge. */
export function thunderboltSocket({ portName, device }: HardwarePort): string | null {
  if (!/thunderbolt/i.test(portName) || /ethernet|bridge/i.test(portName) || !/^en\d/.test(device)) return null
  return /(\d+)\D*$/.exec(portName)?.[1] ?? null
}
