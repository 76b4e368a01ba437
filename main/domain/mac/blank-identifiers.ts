import { parseIfconfig } from './parse-ifconfig.ts'
import type { RecordedHardware } from './recorded-hardware.ts'

/** The fields about ports and cables that stay in a report; everything else (uids, names, firmware) is removed. */
const KEPT_KEYS = new Set([
  'SPThunderboltDataType',
  '_items',
  'device_name_key',
  'domain_uuid_key',
  'current_speed_key',
  'current_link_width_key',
  'link_status_key',
  'receptacle_id_key',
  'receptacle_status_key',
  'route_string_key',
  'vendor_name_key',
])
const RECEPTACLE_KEY = /^receptacle_\w+_tag$/

/**
 * Removes serial numbers, addresses and personal names from a recording. Equal identifiers stay equal, even across
 * machines, so that cables still match. Everything else that is read from the result is unchanged.
 *
 * @param pseudonym - at least 32 hexadecimal digits that do not reveal the identifier
 */
export function blankIdentifiers(recorded: RecordedHardware, pseudonym: (identifier: string) => string): RecordedHardware {
  const blankText = (text: string | null | undefined): string | null =>
    text === null || text === undefined ? null : blankAddresses(text, pseudonym)
  return {
    ...recorded,
    name: `mac-${pseudonym(recorded.name).slice(0, 8)}`,
    systemProfiler: blankReport(recorded.systemProfiler, pseudonym),
    hardwarePorts: blankText(recorded.hardwarePorts),
    serviceOrder: blankText(blankServices(recorded.serviceOrder)),
    ifconfig: blankText(knownInterfaces(recorded.ifconfig)),
    rdmaCtl: blankText(recorded.rdmaCtl),
    ibvDevices: blankText(recorded.ibvDevices),
    ibvDevinfo: blankText(recorded.ibvDevinfo),
  }
}

function blankReport(
  report: RecordedHardware['systemProfiler'],
  pseudonym: (identifier: string) => string,
): Record<string, unknown> | null {
  let parsed: unknown = report
  if (typeof report === 'string') {
    try {
      parsed = JSON.parse(report)
    } catch {
      return null // text that is not a report could contain anything
    }
  }
  const blank = (value: unknown, key: string): unknown => {
    if (Array.isArray(value)) return value.map((entry) => blank(entry, key))
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(
        Object.entries(value)
          .filter(([name]) => KEPT_KEYS.has(name) || RECEPTACLE_KEY.test(name))
          .map(([name, entry]) => [name, blank(entry, name)]),
      )
    return key === 'domain_uuid_key' && typeof value === 'string' && value !== '' ? asUuid(pseudonym(value)) : value
  }
  const blanked = blank(parsed, '')
  return typeof blanked === 'object' && blanked !== null && !Array.isArray(blanked) ? (blanked as Record<string, unknown>) : null
}

function asUuid(digits: string): string {
  const hex = digits.toUpperCase()
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-')
}

/** Services that are not hardware ports are VPNs and the like, often named after their owner. */
function blankServices(text: string | null | undefined): string | null {
  if (text === null || text === undefined) return null
  const isOfPort = (line: string): boolean => /[:：]\s*(en|bridge)\d+\s*[)）]\s*$/.test(line)
  const lines = text.split(/\r?\n/)
  return lines
    .map((line, index) => {
      const isName = /^\s*\((\d+|\*)\)\s/.test(line)
      const portLine = isName ? (lines[index + 1] ?? '') : line
      if (isOfPort(portLine)) return line
      if (isName) return line.replace(/^(\s*\((?:\d+|\*)\))\s.*$/, '$1 Service')
      return /^\s*[(（][^:：()]+[:：]/.test(line) ? '(Hardware Port: Other, Device: )' : line
    })
    .join('\n')
}

/** Tunnels and virtual machines are not hardware. */
function knownInterfaces(text: string | null | undefined): string | null {
  if (text === null || text === undefined) return null
  const names = new Set((parseIfconfig(text) ?? []).map(({ name }) => name).filter((name) => /^(en|bridge|lo)\d+$/.test(name)))
  let isKept = false
  return text
    .split(/(?<=\n)/)
    .filter((line) => {
      const heading = /^([A-Za-z][\w.-]*):\s+flags=/.exec(line)
      if (heading) isKept = names.has(heading[1] ?? '')
      return isKept
    })
    .join('')
}

/** MAC addresses, GUIDs and IP addresses. Loopback and the kind of address (link-local, IPv4, IPv6) are kept. */
export function blankAddresses(text: string, pseudonym: (identifier: string) => string): string {
  const byte = (identifier: string, index: number): number => Number.parseInt(pseudonym(identifier).slice(2 * index, 2 * index + 2), 16)
  const pairs = (identifier: string, count: number): string[] =>
    Array.from({ length: count }, (_, index) => pseudonym(identifier).slice(2 * index, 2 * index + 2))
  return text
    .replace(/\b([0-9a-f]{1,2}:){5}[0-9a-f]{1,2}\b/gi, (mac) => (/^(0+:)+0+$/.test(mac) ? mac : `02:${pairs(mac, 5).join(':')}`))
    .replace(/\b[0-9a-f]{4}(:[0-9a-f]{4}){3}\b(?!:)/gi, (guid) => (pseudonym(guid).slice(0, 16).match(/.{4}/g) ?? []).join(':'))
    .replace(/^(\s*rdma_\S+\s+)[0-9a-f]{16}\s*$/gim, (_, start: string) => `${start}${'0'.repeat(16)}`)
    .replace(
      /\binet6 (?!::1\b)([0-9a-f:.]+)/gi,
      (_, address: string) => `inet6 ${/^fe80:/i.test(address) ? 'fe80' : '2001:db8'}::${pseudonym(address).slice(0, 4)}`,
    )
    .replace(/\b(\d{1,3}\.){3}\d{1,3}\b/g, (address) => {
      if (/^(127|0|255)\./.test(address)) return address
      const [third, fourth] = [byte(address, 0), 1 + (byte(address, 1) % 254)]
      return /^169\.254\./.test(address) ? `169.254.${third}.${fourth}` : `10.0.${third}.${fourth}`
    })
}
