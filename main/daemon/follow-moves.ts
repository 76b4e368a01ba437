import { readInterfaceAddresses } from '../discovery/peers/network-interface.ts'
import { moveNoticer } from './move-noticer.ts'

/** Has links from an address that this machine has no more made anew as soon as it has another. */
export function followMoves(hardware: { onFacts(listener: () => void, signal: AbortSignal): void }, links: { addressesChanged(addresses: ReadonlySet<string>): void }, signal: AbortSignal): void {
  const notice = moveNoticer((addresses) => links.addressesChanged(addresses))
  const look = (): void => notice(readInterfaceAddresses().map(({ address }) => address))
  look()
  hardware.onFacts(look, signal)
}
