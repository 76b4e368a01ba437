import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { hostname } from 'node:os'
import { ApiError } from './api-error.ts'

const LOOPBACK_NAMES: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])

export interface GuardOptions {
  /** As the API listens on it; null until it does. */
  readonly host: string | null
  readonly apiToken: string | null
  readonly allowedOrigins: readonly string[]
}

export interface GuardedRequest {
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
}

export function isLoopbackHost(host: string): boolean {
  return host === '::1' || LOOPBACK_NAMES.has(host) || /^127(\.\d{1,3}){3}$/.test(host)
}

/** Names that no page can make resolve to this machine: those that stand for it by themselves, in containers too. */
function isOwnName(name: string): boolean {
  const plain = name.replace(/\.$/, '')
  return plain === 'localhost' || plain.endsWith('.localhost') || plain === '0.0.0.0' || plain === '[::]' || /^\[::ffff:(127\.|7f)/.test(plain) || /^(host|gateway)\.(docker|containers|lima)\.internal$/.test(plain) || plain === ownLocalName()
}

function ownLocalName(): string {
  return `${hostname().toLowerCase().replace(/\.local$/, '')}.local`
}

/** Programs of this machine whose windows are pages. A web site cannot have such an origin. */
const APP_ORIGIN = /^(app|vscode-webview|vscode-file|tauri|chrome-extension|moz-extension|safari-web-extension|capacitor|ionic|obsidian):\/\//

function hostName(authority: string): string {
  return authority.toLowerCase().replace(/:\d*$/, '')
}

/** Against DNS rebinding: a name that an attacker made resolve to this machine is in the Host header. */
function checkHost(headers: IncomingHttpHeaders, listenHost: string | null): void {
  if (listenHost === null || !isLoopbackHost(listenHost)) return
  const name = hostName(headers.host ?? '')
  if (name === '' || isLoopbackHost(name) || name === listenHost.toLowerCase() || isOwnName(name)) return
  throw new ApiError(403, 'host_not_allowed', `This node does not answer for the host '${name}'. Call it as localhost, or start it with --host.`)
}

/**
 * Web pages of other origins are refused, not only kept from reading: a page can send a POST without asking first.
 *
 * @returns the origin to allow by CORS, or null where the call is none from another origin
 */
function checkOrigin(headers: IncomingHttpHeaders, allowedOrigins: readonly string[]): string | null {
  const origin = headers.origin
  if (origin === undefined) return null
  const host = URL.canParse(origin) ? new URL(origin) : null
  if (host?.host === headers.host?.toLowerCase()) return null
  const isAllowed =
    APP_ORIGIN.test(origin) || allowedOrigins.includes('*') || allowedOrigins.includes(origin) || (allowedOrigins.includes('loopback') && host !== null && isLoopbackHost(host.hostname))
  if (isAllowed) return origin
  throw new ApiError(403, 'origin_not_allowed', `Pages of ${origin} may not call this node.`)
}

function checkToken(headers: IncomingHttpHeaders, apiToken: string | null): void {
  if (apiToken === null) return
  const given = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1] ?? headers['x-api-key']
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  if (typeof given === 'string' && timingSafeEqual(digest(given), digest(apiToken))) return
  throw new ApiError(401, 'invalid_api_key', 'This node asks for its API token: send the header "Authorization: Bearer TOKEN".')
}

/**
 * Images, scripts and forms of other sites send no Origin with a GET. A link to the dashboard's page is no such call.
 */
function checkFetchSite({ method, path, headers }: GuardedRequest, allowedOrigins: readonly string[]): void {
  if (headers['sec-fetch-site'] !== 'cross-site' || headers.origin !== undefined || allowedOrigins.includes('*')) return
  const opensDashboard = (method === 'GET' || method === 'HEAD') && headers['sec-fetch-mode'] === 'navigate' && /^\/dashboard\/?$/.test(path)
  if (!opensDashboard) throw new ApiError(403, 'origin_not_allowed', 'Pages of other sites may not call this node.')
}

/** The dashboard's files hold no data; its page asks people for the token. */
function isOpen({ method, path }: GuardedRequest): boolean {
  if (method === 'OPTIONS' || path === '/healthz') return true
  return (method === 'GET' || method === 'HEAD') && /^\/dashboard(\/|$)/.test(path)
}

/**
 * Decides whether a request may come in at all.
 *
 * @returns the origin to allow by CORS, or null
 * @throws ApiError 401 or 403
 */
export function guardRequest(request: GuardedRequest, options: GuardOptions): string | null {
  checkHost(request.headers, options.host)
  const origin = checkOrigin(request.headers, options.allowedOrigins)
  checkFetchSite(request, options.allowedOrigins)
  if (!isOpen(request)) checkToken(request.headers, options.apiToken)
  return origin
}
