/** An IPv4 address in IPv4 form, even if a dual-stack socket reports it as IPv6. */
export function unmapAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '')
}
