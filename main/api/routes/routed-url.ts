/** Routes of `/v1` that clients also ask for without it, as base addresses are typed with and without. */
const BARE = /^\/(chat\/completions|completions|responses|messages|embeddings)(?=\/|$)/

/**
 * What other servers have before `/v1`: gateways name the API, Azure the model (which stands in the body, too), LM Studio calls it
 * `/api/v0`.
 */
const BEFORE_V1 = /^(\/api)?\/(openai|anthropic)(?=\/v1(\/|$))|^\/api(?=\/v1(\/|$))/
const IN_PLACE_OF_V1 = /^\/openai\/deployments\/[^/]+(?=\/)|^\/api\/v0(?=\/)/

/**
 * The address that a request is routed by: one slash for several, `/v1` once, and Ollama's routes both at the root, where
 * its clients look, and under `/ollama`.
 */
export function routedUrl(url: string): string {
  const [path = '/', query] = split(url)
  const routed = path
    .replace(/\/{2,}/g, '/')
    .replace(BEFORE_V1, '')
    .replace(IN_PLACE_OF_V1, '/v1')
    .replace(/^\/ollama(?=\/v1(\/|$))/, '')
    .replace(/^(\/v1)+(?=\/api(\/|$))/, '')
    .replace(/^(\/v1)+(?=\/|$)/, '/v1')
    .replace(/^\/ollama\/ollama(?=\/|$)/, '/ollama')
    .replace(/^(\/api)+(?=\/)/, '/ollama/api')
    .replace(BARE, '/v1/$1')
  return query === undefined ? routed : `${routed}?${query}`
}

function split(url: string): [path: string, query: string | undefined] {
  const at = url.indexOf('?')
  return at === -1 ? [url, undefined] : [url.slice(0, at), url.slice(at + 1)]
}
