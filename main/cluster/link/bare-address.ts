/** An address without scope, and IPv4 as IPv4, also on a socket for both. */
export function bareAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/, '').replace(/%.*$/, '')
}
