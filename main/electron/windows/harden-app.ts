import { app, type Session, session, shell } from 'electron'
import type { Log } from '../../platform/log/log.ts'
import { isForBrowser, isOwnFrame, isOwnPage } from './page-policy.ts'

/** The only permission that pages get without asking; all others are denied. It is used by Copy buttons. */
const allowedPermission = 'clipboard-sanitized-write'

/** Runs every page in a sandbox; call it before the app is ready. Root cannot use the sandbox and must pass --no-sandbox. */
export function sandboxPages(): void {
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox()
}

/** Allows only the app's own pages, and denies new windows and permissions. */
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
      if (!event.isMainFrame && !isOwnFrame(event.url, apiUrl())) event.preventDefault()
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
