import { lenientEffort } from './lenient-effort.ts'
import { isRecord, type JsonRecord } from './json-record.ts'
import { lenientFormat } from './lenient-format.ts'
import { lenientScalars } from './lenient-scalars.ts'

/** Drops limits that mean "none" in some client: without a limit, the context's end applies. */
function lenientLimit(value: unknown): unknown {
  return value === -1 || value === 0 ? null : value
}

function lenientStops(value: unknown): unknown {
  if (value === '') return null
  if (!Array.isArray(value)) return value
  const stops = value.filter((stop) => stop !== '' && stop !== null)
  return stops.length === 0 ? null : stops
}

/** llama.cpp's pairs of a token and its bias, where false bans the token. */
function lenientBias(pairs: readonly unknown[]): unknown {
  const isPair = (pair: unknown): pair is readonly [number, unknown] =>
    Array.isArray(pair) && pair.length === 2 && typeof pair[0] === 'number'
  if (!pairs.every(isPair)) return pairs
  return pairs.length === 0 ? null : Object.fromEntries(pairs.map(([token, bias]) => [token, bias === false ? -100 : bias]))
}

/** The names of the answer's limit in the APIs of other servers. */
const LIMIT_NAMES = ['max_completion_tokens', 'max_tokens', 'max_output_tokens', 'max_new_tokens', 'n_predict'] as const

/** Puts the answer's limit under the API's own name, unless the client has given that too. */
export function withLimitAs(own: 'max_tokens' | 'max_output_tokens', body: JsonRecord): JsonRecord {
  const name = LIMIT_NAMES.find((candidate) => body[candidate] !== undefined && body[candidate] !== null)
  const isGiven = body[own] !== undefined && body[own] !== null
  return name === undefined || isGiven ? body : { ...body, [own]: body[name] }
}

/** The number of a text completion, in a chat: whether there are logprobs, and how many others of each position. */
export function chatLogprobs(body: JsonRecord): JsonRecord {
  const { logprobs, top_logprobs: top } = body
  if (typeof logprobs !== 'number' || !Number.isInteger(logprobs) || logprobs < 0 || (top !== undefined && top !== null)) return body
  return { ...body, logprobs: logprobs > 0, top_logprobs: logprobs > 0 ? logprobs : null }
}

/** A bias that was written as text. */
const BIAS = /^-?\d{1,3}(\.\d{1,15})?$/

const LIMITS = ['max_tokens', 'max_completion_tokens', 'max_output_tokens'] as const
const STOPS = ['stop', 'stop_sequences'] as const

/**
 * Settings as clients write them, in the notation of the schemas: other names, empty values, and values that mean
 * "off". Settings with another or no meaning are kept, so that the schema refuses them.
 */
export function lenientSettings(given: JsonRecord): JsonRecord {
  const body = lenientScalars(given)
  for (const name of LIMITS) if (name in body) body[name] = lenientLimit(body[name])
  for (const name of STOPS) if (name in body) body[name] = lenientStops(body[name])
  body['repetition_penalty'] ??= body['repeat_penalty']
  delete body['repeat_penalty']
  if (body['repetition_penalty'] === 0 || body['repetition_penalty'] === undefined) delete body['repetition_penalty']
  if (Array.isArray(body['logit_bias'])) body['logit_bias'] = lenientBias(body['logit_bias'])
  if (typeof body['user'] !== 'string') delete body['user']
  if (isRecord(body['logit_bias']))
    body['logit_bias'] = Object.fromEntries(
      Object.entries(body['logit_bias'])
        .filter(([, bias]) => bias !== null)
        .map(([token, bias]) => [token, typeof bias === 'string' && BIAS.test(bias) ? Number(bias) : bias]),
    )
  if (body['top_logprobs'] === 0 && body['logprobs'] !== true) delete body['top_logprobs']
  if ('response_format' in body) body['response_format'] = lenientFormat(body['response_format'])
  if (body['draft_model'] === '') delete body['draft_model']
  // These only suggest a style, or name tools that the server would have to run.
  for (const name of ['verbosity', 'web_search_options']) delete body[name]
  if ('reasoning_effort' in body) body['reasoning_effort'] = lenientEffort(body['reasoning_effort'])
  return body
}
