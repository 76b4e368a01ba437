/** The scheme of the pages that the app itself contains. */
export const APP_SCHEME = 'exo-app'

/** Whether a page belongs to the app or to its running node. */
export function isOwnPage(url: string, apiUrl: string | null): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, host, origin, pathname } = new URL(url)
  if (protocol === `${APP_SCHEME}:`) return host === 'popover'
  return apiUrl !== null && origin === new URL(apiUrl).origin && /^\/dashboard\/?$/.test(pathname)
}

/** Whether a clicked link may be opened in the system's browser. */
export function isForBrowser(url: string, apiUrl: string | null): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, origin } = new URL(url)
  return protocol === 'https:' || (apiUrl !== null && origin === new URL(apiUrl).origin)
}
