/** The token in an address such as `#token=exo-…`; null: none. */
export function tokenInAddress(hash: string): string | null {
  return /^#\/?token=([\w.~-]{1,256})$/.exec(hash)?.[1] ?? null
}
