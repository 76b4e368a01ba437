import { NUMBER_TEXTS, SWITCH_WORDS, SWITCHES } from '../lenient/lenient-scalars.ts'

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

const isObject = (value: Json | undefined): value is { [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isRefused = (value: Json): boolean => isObject(value) && value['x-refused'] === true

/** Routes whose answer is a stream if the request asks for one, with the stream's content type. */
const STREAMS: readonly (readonly [path: RegExp, contentType: string])[] = [
  [/^\/v1\/(chat\/completions|completions|responses|messages|trifurcated)$|^\/v1\/responses\/:id$/, 'text/event-stream'],
  [/^\/$|^\/(completion|infill|generate_stream)$|^\/chats\/:id\/messages\/:messageId\/stream$/, 'text/event-stream'],
  [/^\/ollama\/api\/(chat|generate|pull|create)$/, 'application/x-ndjson'],
]

/** Routes that read settings as any client writes them. */
const CLIENT_SETTINGS = new RegExp(
  '^/(v1/(chat/completions|completions|responses|messages|trifurcated)|ollama/api/(chat|generate|create)|' +
    'completion|infill|generate|generate_stream)?$',
)

/** The answers of these routes are always streams. */
const STREAM_ONLY = /^\/generate_stream$|\/stream$/

/** One server-sent event, or all lines of the stream as text. */
const ofStream = (contentType: string): Json =>
  contentType === 'text/event-stream'
    ? { type: 'object', properties: { event: { type: 'string' }, data: { type: 'string' } } }
    : { type: 'string' }

function withStream(response: Json, contentType: string, isStreamOnly: boolean): Json {
  if (!isObject(response) || response['200'] === undefined) return response
  return {
    ...response,
    200: {
      description: isStreamOnly ? 'A stream of chunks' : 'The whole answer, or a stream of chunks',
      content: {
        ...(isStreamOnly ? {} : { 'application/json': { schema: response['200'] } }),
        [contentType]: { schema: ofStream(contentType) },
      },
    },
  }
}

/** A route's schema for the documentation. Routes that only report an unsupported feature are left out. */
export function documentedRoute(schema: Json, url: string): Json {
  const documented = documentedSchema(schema)
  if (!isObject(documented)) return documented
  const { body, response, summary, ...rest } = documented
  const stream = STREAMS.find(([path]) => path.test(url))
  return {
    ...rest,
    ...(summary === undefined ? {} : { summary }),
    ...(typeof summary === 'string' && summary.startsWith('Refused') ? { hide: true } : {}),
    // Any body, or none.
    ...(body === undefined || (isObject(body) && Object.keys(body).every((key) => key === '$schema'))
      ? {}
      : { body: CLIENT_SETTINGS.test(url) ? withScalarTexts(body) : body }),
    ...(response === undefined ? {} : { response: stream ? withStream(response, stream[1], STREAM_ONLY.test(url)) : response }),
  }
}

/** A schema for the documentation: without refused fields, with `{}` for `x-any`, and with fields marked `x-needed` as required. */
export function documentedSchema(schema: Json): Json {
  if (Array.isArray(schema)) return schema.filter((entry) => !isRefused(entry)).map(documentedSchema)
  if (!isObject(schema)) return schema
  if (schema['x-any'] === true) return {}
  const { 'x-needed': _needed, ...rest } = Object.fromEntries(
    Object.entries(schema).flatMap(([key, value]) => (isRefused(value) ? [] : [[key, documentedSchema(value)]])),
  )
  const { properties } = schema
  if (!isObject(properties)) return rest
  const needed = Object.entries(properties).flatMap(([name, property]) =>
    isObject(property) && property['x-needed'] === true ? [name] : [],
  )
  return needed.length === 0 ? rest : { ...rest, required: [...(Array.isArray(rest['required']) ? rest['required'] : []), ...needed] }
}

/** The text in which a setting may also be written; null: none. */
function scalarText(name: string, schema: Json): Json {
  const holds = (type: string): boolean => JSON.stringify(schema).includes(`"type":"${type}"`)
  const pattern = Object.hasOwn(NUMBER_TEXTS, name) ? NUMBER_TEXTS[name] : undefined
  if (pattern !== undefined && (holds('number') || holds('integer'))) return { type: 'string', pattern }
  return SWITCHES.includes(name) && holds('boolean') ? { enum: [...SWITCH_WORDS.keys()] as Json[] } : null
}

/** A body's schema with the texts of numbers and switches. */
function withScalarTexts(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(withScalarTexts)
  if (!isObject(schema)) return schema
  const { properties, ...rest } = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, withScalarTexts(value)]))
  if (!isObject(properties)) return properties === undefined ? rest : { ...rest, properties }
  const widened = Object.entries(properties).map(([name, property]): [string, Json] => {
    const text = scalarText(name, property)
    return [name, text === null ? property : { anyOf: [property, text] }]
  })
  return { ...rest, properties: Object.fromEntries(widened) }
}
