import type { IncomingHttpHeaders } from 'node:http'
import { checkHost, type HostRule, isLocalName, isNamedByNetwork } from '../access/check-host.ts'
import { checkToken, type TokenRule } from '../access/check-token.ts'
import { ApiError } from '../api-error.ts'
import { isLoopbackHost } from '../../shared/is-loopback-host.ts'

export interface GuardOptions extends HostRule, TokenRule {
  readonly allowedOrigins: readonly string[]
}

export interface GuardedRequest {
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
  /** The client's address. */
  readonly address: string
}

/** Programs on this machine whose windows are web pages. A web site cannot have one of these origins. */
const APP_ORIGIN =
  /^(app|vscode-webview|vscode-file|tauri|chrome-extension|moz-extension|safari-web-extension|capacitor|ionic|obsidian):\/\//

/** A scheme of the web. Pages of any other scheme belong to a program or a file on this machine. */
const WEB_ORIGIN = /^(https?|wss?|ftp|data|blob|null)(:|$)/i

/**
 * The routes used by clients of models, at the root those of llama.cpp and TGI. Pages of servers and programs on this machine
 * may call them, as they may call Ollama. Routes that control the node are not included.
 */
const CLIENT_ROUTE = new RegExp(
  '^/(v1|ollama|lm-studio)/|' +
    '^/(completion|infill|embedding|embed|props|slots|lora-adapters|generate|generate_stream|info)?$|' +
    '^/(tokenize|detokenize|tokenizer_info|apply-template)$',
)

/**
 * Web pages of other origins are refused, not only prevented from reading the answer: a page can send a POST without a
 * preflight request.
 *
 * @returns the origin to allow by CORS, or null if the call does not come from another origin
 */
function checkOrigin({ path, headers }: GuardedRequest, allowedOrigins: readonly string[]): string | null {
  const origin = headers.origin
  if (origin === undefined) return null
  const host = URL.canParse(origin) ? new URL(origin) : null
  if (host?.host === headers.host?.toLowerCase()) return null
  const isLocal = WEB_ORIGIN.test(origin) ? host !== null && isLocalName(host.hostname) : /^[a-z][\w+.-]*:\/\//i.test(origin)
  const isAllowed =
    APP_ORIGIN.test(origin) ||
    allowedOrigins.includes('*') ||
    allowedOrigins.includes(origin) ||
    ((allowedOrigins.includes('loopback') || CLIENT_ROUTE.test(path)) && isLocal)
  if (isAllowed) return origin
  throw new ApiError(
    403,
    'origin_not_allowed',
    `Pages of ${origin} may not call this node. To allow them, start exo with --allow-origin ${origin}.`,
  )
}

/**
 * Images, scripts and forms of other sites send no Origin with a GET, so they are refused by Sec-Fetch-Site. A link to
 * the dashboard's page is allowed.
 */
function checkFetchSite({ method, path, headers }: GuardedRequest, allowedOrigins: readonly string[]): void {
  if (headers['sec-fetch-site'] !== 'cross-site' || headers.origin !== undefined || allowedOrigins.includes('*')) return
  const opensDashboard =
    (method === 'GET' || method === 'HEAD') && headers['sec-fetch-mode'] === 'navigate' && /^\/dashboard\/?$/.test(path)
  if (!opensDashboard) throw new ApiError(403, 'origin_not_allowed', 'Pages of other sites may not call this node.')
}

/** What programs in containers read by the name of their host. */
const READ_BY_NAME = /^\/(metrics|healthz)$/

/**
 * On loopback, programs of this machine need no token. Pages must not pass for one by a name that a hostile network has made mean
 * this machine: they send an Origin with what changes something, and need no more than the routes of clients to read.
 */
function checkNetworkName({ method, path, headers }: GuardedRequest, { listenHost, apiToken, allowedHosts = [] }: GuardOptions): void {
  if (listenHost === null || !isLoopbackHost(listenHost) || apiToken !== null || !isNamedByNetwork(headers.host)) return
  const name = headers.host?.replace(/:\d*$/, '').toLowerCase() ?? ''
  if (allowedHosts.some((host) => host.toLowerCase() === name)) return
  const isRead = method === 'GET' || method === 'HEAD'
  if (isRead ? CLIENT_ROUTE.test(path) || READ_BY_NAME.test(path) : headers.origin === undefined) return
  throw new ApiError(
    403,
    'host_not_allowed',
    `This node does not serve this by the name '${name}'. Use localhost, or start exo with --allow-host ${name}.`,
  )
}

/** Whether a path needs no token: the dashboard's files hold no data, and its page asks the user for the token. */
function isOpen({ method, path }: GuardedRequest): boolean {
  if (method === 'OPTIONS' || path === '/healthz') return true
  // A client asks for the proof before it sends the token, to be sure that it talks to the right node.
  if (method === 'GET' && path === '/node/proof') return true
  return (method === 'GET' || method === 'HEAD') && /^\/dashboard(\/|$)/.test(path)
}

/**
 * Decides whether a request is accepted at all.
 *
 * @returns the origin to allow by CORS, or null
 * @throws ApiError 401, 403 or 429
 */
export function guardRequest(request: GuardedRequest, options: GuardOptions): string | null {
  checkHost(request.headers.host, options)
  checkNetworkName(request, options)
  const origin = checkOrigin(request, options.allowedOrigins)
  checkFetchSite(request, options.allowedOrigins)
  if (!isOpen(request)) checkToken(request, options)
  return origin
}
