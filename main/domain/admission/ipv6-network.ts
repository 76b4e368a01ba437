/**
 * The first 64 bits of an IPv6 address, from which a host may take as many addresses as it likes; null for anything else.
 * Mapped IPv4 addresses are IPv4.
 */
export function ipv6Network(address: string): string | null {
  const bare = address.toLowerCase().replace(/%.*$/, '')
  if (!bare.includes(':') || /^::ffff:\d+\./.test(bare)) return null
  const [front = [], back] = bare.split('::').map((part) => (part === '' ? [] : part.split(':')))
  const groups = back === undefined ? front : [...front, ...Array<string>(Math.max(0, 8 - front.length - back.length)).fill('0'), ...back]
  return groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')
}
