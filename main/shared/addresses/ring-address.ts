import { z } from 'zod'

const SCOPE_PATTERN = /%[\w.-]{1,15}$/
/** Listening there accepts connections from anywhere. */
const ANY_PATTERN = /^(0\.0\.0\.0|[0:]+)$/

/** An address at which two ranks of a ring connect: IPv4, or IPv6, with the interface behind `%` if it is link-local. */
export const RingAddress = z.union([
  z.ipv4(),
  z
    .string()
    .max(64)
    .refine((address) => z.ipv6().safeParse(address.replace(SCOPE_PATTERN, '')).success, 'not an IP address'),
])

/** Whether ranks can connect there: one address of one machine, and not all of its addresses. */
export function isRingAddress(address: string): boolean {
  return RingAddress.safeParse(address).success && !ANY_PATTERN.test(address)
}

export function isIpv6(address: string): boolean {
  return address.includes(':')
}
