import { protocol } from 'electron'
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { extname, join, normalize } from 'node:path'
import { APP_SCHEME } from './page-policy.ts'

const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** A placeholder that the build puts in the page, filled in for each answer. */
const NONCE_PLACE = '__CSP_NONCE__'

/** Allows only built files, nothing from other origins, and no connections: the page's data comes from the shell. */
function headersOf(mediaType: string, nonce: string): Record<string, string> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ]
  return { 'content-security-policy': policy.join('; '), 'content-type': mediaType, 'x-content-type-options': 'nosniff' }
}

/** Call it before the app is ready. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme: APP_SCHEME, privileges: { standard: true, secure: true } }])
}

/** Serves the popover's build at `exo-app://popover/`. */
export function servePopover(folder: string): void {
  protocol.handle(APP_SCHEME, async (request) => {
    const { host, pathname } = new URL(request.url)
    const path = normalize(pathname === '/' ? '/index.html' : decodeURIComponent(pathname))
    const mediaType = mediaTypes[extname(path)]
    if (request.method !== 'GET' || host !== 'popover' || mediaType === undefined || path.includes('..'))
      return new Response(null, { status: 404 })
    try {
      const content = await readFile(join(folder, path), 'utf8')
      const nonce = randomBytes(16).toString('base64')
      return new Response(content.replaceAll(NONCE_PLACE, nonce), { headers: headersOf(mediaType, nonce) })
    } catch {
      return new Response(null, { status: 404 })
    }
  })
}
