/**
 * Calls `onMove` when this machine gets an address that it never had: it has moved to another network. Addresses that
 * disappear and return belong to a cable that was unplugged for a moment, which links survive.
 */
export function moveNoticer(onMove: (addresses: ReadonlySet<string>) => void): (addresses: readonly string[]) => void {
  const known = new Set<string>()
  return (addresses) => {
    const hasMoved = known.size > 0 && addresses.some((address) => !known.has(address))
    for (const address of addresses) known.add(address)
    if (hasMoved) onMove(new Set(addresses))
  }
}
