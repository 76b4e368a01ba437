import { AppError } from '../../shared/app-error.ts'

/** MLX opens only IPv4 sockets, and takes the text before the first colon as the address. */
const IPV4_PATTERN = /^(\d{1,3}\.){3}\d{1,3}$/
/** Listening there accepts connections from anywhere. */
const ANY_ADDRESS = '0.0.0.0'

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
  if (!IPV4_PATTERN.test(address) || address === ANY_ADDRESS)
    throw new AppError(
      'launch-address-not-ipv4',
      `MLX connects over IPv4 only, and ${seenFrom} reaches rank ${rank} at ${address}. Give both machines an IPv4 address.`,
      { rank, address },
    )
  const port = portByRank[rank]
  if (port === null || port === undefined) throw new AppError('launch-port-missing', `rank ${rank} has not reported its port.`, { rank })
  return { address, port }
}
