import type { JsonRecord } from './json-record.ts'

const SHARE = '^(0(\\.\\d{1,3})?|1)?$'
const LIMIT = '^\\d{0,4}$'
const PENALTY = '^(-?[01](\\.\\d{1,2})?)?$'

/**
 * Settings that forms, templates and environment variables hold as text, with the texts that the documentation promises.
 * Any text of a number is read, and no text is no setting.
 */
export const NUMBER_TEXTS: Readonly<Record<string, string>> = {
  n: '^[1-4]?$',
  temperature: '^([01](\\.\\d{1,2})?)?$',
  top_p: SHARE,
  min_p: SHARE,
  top_k: '^\\d{0,3}$',
  max_tokens: LIMIT,
  max_completion_tokens: LIMIT,
  max_output_tokens: LIMIT,
  num_predict: LIMIT,
  num_ctx: LIMIT,
  repetition_penalty: '^(1(\\.\\d{1,2})?)?$',
  repeat_penalty: '^(1(\\.\\d{1,2})?)?$',
  presence_penalty: PENALTY,
  frequency_penalty: PENALTY,
}

/** Switches that are also read as a word or a number. */
export const SWITCH_WORDS: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  ['true', true],
  ['True', true],
  [1, true],
  ['false', false],
  ['False', false],
  [0, false],
])
export const SWITCHES: readonly string[] = ['stream', 'echo', 'ignore_eos', 'parallel_tool_calls']

const NUMBER = /^\s*-?\d{1,15}(\.\d{1,15})?\s*$/

/** Numbers and switches that a client wrote as text, as what they say. Other text is kept, so that the schema refuses it. */
export function lenientScalars(given: JsonRecord): JsonRecord {
  const body = { ...given }
  for (const name of Object.keys(NUMBER_TEXTS)) {
    const value = body[name]
    if (value === '') body[name] = null
    else if (typeof value === 'string' && NUMBER.test(value)) body[name] = Number(value)
  }
  for (const name of SWITCHES) {
    const meant = SWITCH_WORDS.get(body[name])
    if (meant !== undefined) body[name] = meant
  }
  return body
}
