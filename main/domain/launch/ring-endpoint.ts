import { AppError } from '../../shared/app-error.ts'
import { isRingAddress } from '../../shared/addresses/ring-address.ts'

export interface Endpoint {
  readonly address: string
  readonly port: number
}

/**
 * The endpoint of a rank of a group.
 *
 * @param seenFrom - the rank that uses it, for messages
 * @throws AppError `launch-address-missing` | `launch-address-not-ipv4` | `launch-port-missing`
 */
export function ringEndpoint(
  address: string | null | undefined,
  portByRank: readonly (number | null)[],
  rank: number,
  seenFrom: string,
): Endpoint {
  if (address === null || address === undefined)
    throw new AppError('launch-address-missing', `${seenFrom} has no address for rank ${rank}.`, { rank, seenFrom })
  if (!isRingAddress(address))
    throw new AppError(
      'launch-address-not-ipv4',
      `${seenFrom} reaches rank ${rank} at ${address}, which is not the address of one machine. Give both machines an IPv4 address.`,
      { rank, address },
    )
  const port = portByRank[rank]
  if (port === null || port === undefined) throw new AppError('launch-port-missing', `rank ${rank} has not reported its port.`, { rank })
  return { address, port }
}
