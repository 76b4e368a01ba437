import { readInterfaceAddresses } from '../../discovery/peers/network-interface.ts'
import { moveNoticer } from './move-noticer.ts'

/** As soon as this machine gets a new address, ends links from addresses that it has lost, so that they are made again. */
export function followMoves(
  hardware: { onFacts(listener: () => void, signal: AbortSignal): void },
  links: { addressesChanged(addresses: ReadonlySet<string>): void },
  signal: AbortSignal,
): void {
  const notice = moveNoticer((addresses) => links.addressesChanged(addresses))
  const look = (): void => notice(readInterfaceAddresses().map(({ address }) => address))
  look()
  hardware.onFacts(look, signal)
}
