import { createSecureContext } from 'node:tls'
import type { Dispatcher } from 'undici'
import { trustedCertificates } from '../../platform/network/trusted-certificates.ts'
import type { HubSettings } from './hub-settings.ts'
import { proxyFor } from './proxy-for.ts'

const CONNECT_LIMIT_MS = 10_000
/** The longest silence, before the answer and within it. */
const SILENCE_LIMIT_MS = 30_000

/** The part of `fetch` that the hub needs. */
export type HubFetch = (
  url: string,
  init: { readonly headers: Record<string, string>; readonly signal: AbortSignal; readonly redirect?: 'manual' },
) => Promise<HubResponse>

export interface HubResponse {
  readonly ok: boolean
  readonly status: number
  readonly headers: { get(name: string): string | null }
  readonly body: (AsyncIterable<Uint8Array> & { cancel(): Promise<void> }) | null
}

/**
 * A `fetch` that uses the configured proxies and gives up on a server that falls silent. Redirects are followed; the
 * token is sent only to the hub's own origin. TLS certificates are also checked against the system's roots.
 */
export function createHubFetch({
  proxies,
  certificateFiles = [],
}: Pick<HubSettings, 'proxies'> & Partial<Pick<HubSettings, 'certificateFiles'>>): HubFetch {
  let opening: Promise<HubFetch> | null = null
  /** Opened on first use: most runs of the program never contact the hub. */
  const open = async (): Promise<HubFetch> => {
    const { Agent, ProxyAgent, fetch } = await import('undici')
    const secureContext = createSecureContext({ ca: await trustedCertificates(certificateFiles) })
    const limits = {
      connect: { timeout: CONNECT_LIMIT_MS, secureContext },
      headersTimeout: SILENCE_LIMIT_MS,
      bodyTimeout: SILENCE_LIMIT_MS,
    }
    const byProxy = new Map<string, Dispatcher>()
    const openProxy = (uri: string): Dispatcher => {
      const known = byProxy.get(uri) ?? new ProxyAgent({ uri, ...limits, requestTls: { secureContext }, proxyTls: { secureContext } })
      byProxy.set(uri, known)
      return known
    }
    // Each request of a redirect chain chooses its own route.
    const dispatcher = new Agent(limits).compose((dispatchDirectly) => (options, handler) => {
      const proxy = proxyFor(new URL(options.origin ?? ''), proxies)
      return proxy === null ? dispatchDirectly(options, handler) : openProxy(proxy).dispatch(options, handler)
    })
    return (url, init) => fetch(url, { ...init, dispatcher })
  }
  return async (url, init) => (await (opening ??= open()))(url, init)
}
