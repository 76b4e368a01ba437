/** An IPv4 address as IPv4, also where a socket for both families gives it as IPv6. */
export function unmapAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '')
}
