/**
 * Tells of this machine's addresses where one has come that it never had: then it has moved. Those that only go, and come
 * back, are a cable that was out for a moment, which links outlive.
 */
export function moveNoticer(onMove: (addresses: ReadonlySet<string>) => void): (addresses: readonly string[]) => void {
  const known = new Set<string>()
  return (addresses) => {
    const hasMoved = known.size > 0 && addresses.some((address) => !known.has(address))
    for (const address of addresses) known.add(address)
    if (hasMoved) onMove(new Set(addresses))
  }
}
