import { unmapAddress } from '../../../shared/unmap-address.ts'

/** An address without its scope, and IPv4 as IPv4. */
export function bareAddress(address: string): string {
  return unmapAddress(address).replace(/%.*$/, '')
}
