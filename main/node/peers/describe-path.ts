import { bareAddress } from '../../shared/addresses/bare-address.ts'
import { type InterfaceAddress, interfaceFacing } from '../../discovery/peers/network-interface.ts'
import type { InterfaceKind } from '../../shared/hardware.ts'

const LINK_LOCAL = /^(169\.254\.|fe[89ab][0-9a-f]:)/i

/** The kind of path of a connection, as needed by admission. */
export function describePath(
  { localAddress, remoteHost }: { readonly localAddress: string; readonly remoteHost: string },
  addresses: readonly InterfaceAddress[],
  kindOfInterface: (interfaceName: string) => InterfaceKind,
): { readonly isNeighbour: boolean; readonly isOnCable: boolean } {
  const local = addresses.find(({ address }) => address === bareAddress(localAddress))
  const isOnThunderbolt = local !== undefined && kindOfInterface(local.interfaceName) === 'thunderbolt'
  // A routed address on such an interface may belong to a machine beyond the cable.
  const isDirect = LINK_LOCAL.test(bareAddress(localAddress)) && LINK_LOCAL.test(bareAddress(remoteHost))
  return {
    isNeighbour: LINK_LOCAL.test(bareAddress(remoteHost)) || interfaceFacing(bareAddress(remoteHost), addresses) !== null,
    isOnCable: isOnThunderbolt && isDirect,
  }
}
