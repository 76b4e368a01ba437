import { app, type Session, session, shell } from 'electron'
import type { Log } from '../../platform/log/log.ts'
import { isForBrowser, isOwnPage } from './page-policy.ts'

/** The pages may do this without asking; everything else is denied. It comes with a click on a Copy button. */
const allowedPermission = 'clipboard-sanitized-write'

/** Before the app is ready: every page in a sandbox. Root has none, and must say so with --no-sandbox. */
export function sandboxPages(): void {
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox()
}

/** Nothing but the app's own pages, no windows of theirs, no permissions. */
export function hardenApp(apiUrl: () => string | null, log: Log): void {
  denyPermissions(session.defaultSession)
  app.on('web-contents-created', (_, contents) => {
    const refuse = (event: { preventDefault(): void }, url: string): void => {
      if (isOwnPage(url, apiUrl())) return
      event.preventDefault()
      openOutside(url)
    }
    contents.on('will-navigate', (event) => refuse(event, event.url))
    contents.on('will-redirect', (event) => refuse(event, event.url))
    contents.on('will-frame-navigate', (event) => {
      if (!event.isMainFrame) event.preventDefault()
    })
    contents.on('will-attach-webview', (event) => event.preventDefault())
    contents.setWindowOpenHandler(({ url }) => {
      openOutside(url)
      return { action: 'deny' }
    })
  })
  const openOutside = (url: string): void => {
    if (!isForBrowser(url, apiUrl())) return log.warn('a page requested an address that is not allowed', { url: url.slice(0, 200) })
    shell.openExternal(url).catch((error: unknown) => log.warn('the browser could not be opened', { error }))
  }
}

function denyPermissions(pages: Session): void {
  pages.setPermissionRequestHandler((_, permission, answer) => answer((permission as string) === allowedPermission))
  pages.setPermissionCheckHandler((_, permission) => (permission as string) === allowedPermission)
  pages.setDevicePermissionHandler(() => false)
}
