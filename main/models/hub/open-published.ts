import { isLoopbackHost } from '../../shared/is-loopback-host.ts'
import { errorMessage } from '../../shared/app-error.ts'
import type { HubFetch, HubResponse } from './create-hub-fetch.ts'

const MOST_REDIRECTS = 5
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308]

/** Makes the error for what cannot be read. */
export type RefuseAddress = (address: string, why: string, cause?: unknown) => Error

/**
 * Opens what somebody publishes: only https beyond this machine, on each address that the first one leads to.
 *
 * @param from - the address
 * @throws what `refuse` makes
 */
export async function openPublished(
  from: string,
  fetch: HubFetch,
  refuse: RefuseAddress,
  signal: AbortSignal,
): Promise<HubResponse['body']> {
  const first = publishedUrl(from, refuse)
  const isFromHere = isLoopbackHost(first.hostname)
  let url = first
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isFromHere && isLoopbackHost(url.hostname)))
      throw refuse(url.href, 'only https is allowed beyond this machine')
    const response = await fetch(url.href, { headers: { accept: '*/*' }, signal, redirect: 'manual' }).catch((cause: unknown) => {
      signal.throwIfAborted()
      throw refuse(url.href, errorMessage(cause), cause)
    })
    if (!REDIRECTS.includes(response.status)) {
      if (response.ok) return response.body
      await response.body?.cancel()
      throw refuse(url.href, `the server answers with status ${response.status}`)
    }
    await response.body?.cancel()
    url = publishedUrl(response.headers.get('location') ?? '', refuse, url)
  }
  throw refuse(from, `it leads to more than ${MOST_REDIRECTS} other addresses`)
}

/** @param base - for a relative address */
export function publishedUrl(text: string, refuse: RefuseAddress, base?: URL): URL {
  const url = URL.parse(text, base?.href)
  if (!url) throw refuse(text, 'it is not an address')
  return url
}
