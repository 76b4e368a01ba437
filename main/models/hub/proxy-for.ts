import type { HubSettings } from './hub-settings.ts'

/** The proxy for a URL, by curl's rules for these variables; null: connect directly. */
export function proxyFor(url: URL, { httpProxy, httpsProxy, noProxy }: HubSettings['proxies']): string | null {
  const proxy = url.protocol === 'https:' ? httpsProxy : httpProxy
  if (proxy === '') return null
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase()
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  const isDirect = noProxy.split(/[\s,]+/).some((entry) => {
    const [, name = '', entryPort] = /^\[?(.*?)\]?(?::(\d+))?$/.exec(entry.toLowerCase()) ?? []
    const suffix = name.replace(/^\*?\./, '')
    if (entry === '*') return true
    return suffix !== '' && (entryPort === undefined || entryPort === port) && (host === suffix || host.endsWith(`.${suffix}`))
  })
  if (isDirect) return null
  return /^\w+:\/\//.test(proxy) ? proxy : `http://${proxy}`
}
