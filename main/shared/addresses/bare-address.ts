import { unmapAddress } from './unmap-address.ts'

/** An address without its scope, with mapped IPv4 addresses in IPv4 form. */
export function bareAddress(address: string): string {
  return unmapAddress(address).replace(/%.*$/, '')
}
