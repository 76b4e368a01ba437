/** Routes of `/v1` that clients also call without it, because base addresses are entered with and without. */
const BARE = /^\/(chat\/completions|completions|responses|messages|embeddings|rerank)(?=\/|$)/

/**
 * Prefixes that other servers have before `/v1`: gateways put the API's name there, Azure the model (which is also in
 * the body), and LM Studio uses `/api/v0`.
 */
const BEFORE_V1 = /^(\/api)?\/(openai|anthropic)(?=\/v1(\/|$))|^\/api(?=\/v1(\/|$))/
/** LM Studio's own routes: what it has beside OpenAI's. */
const LM_STUDIO = /^(?=\/api\/(v0\/models|v1\/models(\/(load|unload))?$|v1\/models\/download|v1\/chat$))/
const IN_PLACE_OF_V1 = new RegExp(
  '^(/api)?/openai(/deployments/[^/]+)?(?=/(chat|completions|responses|embeddings|models|files|batches|audio|images)(/|$))|' +
    '^/api/v0(?=/)',
)
/** OpenAI's and Anthropic's routes after any base: those of other providers, and a whole address that was entered as the base. */
const AFTER_ANY_BASE = new RegExp(
  '^/.*/(chat/completions)(?=/?$)|^/.*/v\\d\\w*/(completions|responses|messages|messages/count_tokens|embeddings|rerank)(?=/?$)|' +
    '^/.*(?:anthropic|messages)/(messages(?:/count_tokens)?)(?=/?$)|' +
    '^/.*/(?:chat/completions|messages|responses)(?:/v1)?/(models)(?=/?$)|^/v1/(models)(?=/?$)',
  'i',
)

/** A client behind a proxy sends the whole address of the server. */
const ORIGIN = /^https?:\/\/[^/?]*/i

/**
 * The address used for routing: repeated slashes become one, `/v1` appears once, and Ollama's routes work both at the
 * root, where its clients look, and under `/ollama`.
 */
export function routedUrl(url: string): string {
  const [path = '/', query] = split(url.replace(ORIGIN, ''))
  const routed = path
    .replace(/\/{2,}/g, '/')
    .replace(LM_STUDIO, '/lm-studio')
    .replace(BEFORE_V1, '')
    .replace(IN_PLACE_OF_V1, '/v1')
    .replace(/^\/ollama(?=\/v1(\/|$))/, '')
    .replace(/^\/ollama(?=\/(chat\/completions|completions|responses|embeddings)$)/, '/v1')
    .replace(/^(\/v1)?\/engines\/[^/]+(?=\/)/, '/v1')
    .replace(/^(\/v1)?\/engines\/?$/, '/v1/models')
    .replace(/^\/v1\/fim(?=\/completions$)/, '/v1')
    .replace(/^(\/v1)+(?=\/api(\/|$))/, '')
    .replace(/^(\/v1)+(?=\/|$)/, '/v1')
    .replace(/^\/ollama\/ollama(?=\/|$)/, '/ollama')
    .replace(/^(\/api)+(?=\/)/, '/ollama/api')
    .replace(/^\/(v1\/)?reranking(?=\/|$)/, '/v1/rerank')
    .replace(BARE, '/v1/$1')
    .replace(AFTER_ANY_BASE, (_, ...parts: (string | undefined)[]) => `/v1/${(parts.slice(0, 5).find(Boolean) ?? '').toLowerCase()}`)
  return query === undefined ? routed : `${routed}?${query}`
}

function split(url: string): [path: string, query: string | undefined] {
  const at = url.indexOf('?')
  return at === -1 ? [url, undefined] : [url.slice(0, at), url.slice(at + 1)]
}
