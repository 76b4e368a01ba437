/** The scheme of the pages that the app itself contains. */
export const APP_SCHEME = 'exo-app'

/** Whether a page belongs to the app or to its running node. */
export function isOwnPage(url: string, apiUrl: string | null): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, host, origin, pathname } = new URL(url)
  if (protocol === `${APP_SCHEME}:`) return host === 'popover'
  return apiUrl !== null && origin === new URL(apiUrl).origin && /^\/dashboard\/?$/.test(pathname)
}

/** Whether a frame of a page may have this address: only the one that draws diagrams. */
export function isOwnFrame(url: string, apiUrl: string | null): boolean {
  if (apiUrl === null || !URL.canParse(url)) return false
  const { origin, pathname } = new URL(url)
  return origin === new URL(apiUrl).origin && pathname === '/dashboard/diagrams'
}

/** Whether a clicked link may be opened in the system's browser. */
export function isForBrowser(url: string, apiUrl: string | null): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, origin } = new URL(url)
  return protocol === 'https:' || (apiUrl !== null && origin === new URL(apiUrl).origin)
}
