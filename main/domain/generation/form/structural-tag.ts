import type { Grammar } from '../../../shared/inference/grammar.ts'

/** A part of one of xgrammar's structural tags, as JSON text: parsing a schema would change the order of its keys. */
export type Format = string & { readonly __brand: 'Format' }

/** Spaces and line breaks between two tokens of JSON; without a limit, a model could write them for ever. */
const MOST_WHITESPACE = 64

const format = (type: string, fields: Readonly<Record<string, string>>): Format =>
  `{"type":"${type}"${Object.entries(fields)
    .map(([name, json]) => `,"${name}":${json}`)
    .join('')}}` as Format

export const anyText = format('any_text', {})
export const constant = (text: string): Format => format('const_string', { value: JSON.stringify(text) })
export const sequence = (elements: readonly Format[]): Format =>
  elements.length === 1 && elements[0] !== undefined ? elements[0] : format('sequence', { elements: `[${elements.join(',')}]` })
export const or = (elements: readonly Format[]): Format =>
  elements.length === 1 && elements[0] !== undefined ? elements[0] : format('or', { elements: `[${elements.join(',')}]` })
export const optionally = (content: Format): Format => format('optional', { content })
export const tag = (begin: string, content: Format, end: string): Format =>
  format('tag', { begin: JSON.stringify(begin), content, end: JSON.stringify(end) })
/** White space where a model may write some. */
export const gap = format('regex', { pattern: JSON.stringify('[ \\n]{0,4}') })

/** A grammar as a part of a structural tag. */
export function formatOf({ kind, text }: Grammar): Format {
  switch (kind) {
    case 'json-schema':
      return format('json_schema', { json_schema: text, max_whitespace_cnt: String(MOST_WHITESPACE) })
    case 'ebnf':
      return format('grammar', { grammar: JSON.stringify(text) })
    case 'regex':
      return format('regex', { pattern: JSON.stringify(text) })
    case 'structural-tag':
      return text.slice('{"type":"structural_tag","format":'.length, -1) as Format
  }
}

export function structuralTag(content: Format): Grammar {
  return { kind: 'structural-tag', text: `{"type":"structural_tag","format":${content}}` }
}
