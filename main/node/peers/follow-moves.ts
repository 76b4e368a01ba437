import { readInterfaceAddresses } from '../../discovery/peers/network-interface.ts'
import { moveNoticer } from './move-noticer.ts'

/** Ends links from addresses that this machine has lost as soon as it gets a new one, so that they are made again. */
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
