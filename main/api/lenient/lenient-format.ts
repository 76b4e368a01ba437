import { isRecord } from './json-record.ts'

const WORDS: Readonly<Record<string, string | null>> = {
  '': null,
  text: null,
  auto: null,
  none: null,
  json: 'json_object',
  json_object: 'json_object',
}

/** A response format as an object with a type; undefined: no format is required. */
export function lenientFormat(format: unknown): unknown {
  if (typeof format === 'string' && Object.hasOwn(WORDS, format)) return WORDS[format] ? { type: WORDS[format] } : undefined
  // TGI has the schema or the pattern as a value.
  if (isRecord(format) && format['value'] !== undefined && (format['type'] === 'json' || format['type'] === 'json_schema'))
    return {
      type: 'json_schema',
      json_schema: isRecord(format['value']) && 'schema' in format['value'] ? format['value'] : { schema: format['value'] },
    }
  if (isRecord(format) && format['type'] === 'json')
    return { ...format, type: format['schema'] === undefined ? 'json_object' : 'json_schema' }
  const asksForNothing = isRecord(format) && (format['type'] === undefined || format['type'] === null)
  return asksForNothing ? undefined : format
}
