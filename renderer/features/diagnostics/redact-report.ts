const IPV4 = /\b(?:\d{1,3}\.){3}\d{1,3}\b/g
/** An IPv6 or hardware address, or a time of day, which is shorter. */
const COLONS = /(?<![\w:])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])/gi
const HOME = /(\/(?:Users|home)\/)[^/"\\\s]+/g
const LOOPBACK = /^(?:127\.|0\.0\.0\.0)/

/**
 * A report without what names a person or a network: addresses become `address-1` and so on, the same one the same each
 * time, names of machines become `machine-1`, and home folders lose their owner.
 */
export function redactReport(text: string, machineNames: readonly string[]): string {
  const known = new Map<string, string>()
  const hidden = (address: string): string => {
    if (LOOPBACK.test(address)) return address
    const name = known.get(address) ?? `address-${known.size + 1}`
    known.set(address, name)
    return name
  }
  const withoutNames = [...machineNames]
    .map((name, index) => ({ name, hidden: `machine-${index + 1}` }))
    .filter(({ name }) => name !== '')
    .sort((first, second) => second.name.length - first.name.length)
    .reduce(
      // A short name may be a part of any word.
      (redacted, { name, hidden: mask }) =>
        name.length > 3 ? redacted.replaceAll(name, mask) : redacted.replaceAll(`"${name}"`, `"${mask}"`),
      text,
    )
  return withoutNames
    .replace(HOME, '$1user')
    .replace(IPV4, hidden)
    .replace(COLONS, (found) => (found.includes('::') || found.split(':').length >= 6 ? hidden(found) : found))
}
