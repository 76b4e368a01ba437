import type { InterfaceKind } from '../../shared/hardware.ts'

/** The kind of a network device by the name of its hardware port on macOS. */
export function kindOfHardwarePort(portName: string): InterfaceKind {
  if (/wi-?fi|airport|wlan/i.test(portName)) return 'wifi'
  // An Ethernet adapter in a Thunderbolt socket is Ethernet: `Thunderbolt Ethernet`.
  if (/ethernet|\bLAN\b/i.test(portName)) return 'ethernet'
  return /thunderbolt/i.test(portName) ? 'thunderbolt' : 'other'
}

/** The kind of a network device by its name on Linux, where drivers and udev name devices by their kind. */
export function kindOfLinuxInterface(name: string): InterfaceKind {
  if (/^thunderbolt\d/.test(name)) return 'thunderbolt'
  if (/^wl/.test(name)) return 'wifi'
  return /^(eth|en)/.test(name) ? 'ethernet' : 'other'
}
