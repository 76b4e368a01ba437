import { optionalGroups } from './patterns/optional-groups.ts'
import type { Grammar } from '../../../shared/inference/grammar.ts'

/** A part of one of xgrammar's structural tags, as JSON text: parsing a schema would change the order of its keys. */
export type Format = string & { readonly __brand: 'Format' }

/** Spaces and line breaks between two tokens of JSON; without a limit, a model could write them for ever. */
const MOST_WHITESPACE = 64

const format = (type: string, fields: Readonly<Record<string, string>>): Format =>
  `{"type":"${type}"${Object.entries(fields)
    .map(([name, json]) => `,"${name}":${json}`)
    .join('')}}` as Format

const list = (formats: readonly Format[]): string => `[${formats.join(',')}]`

export const anyText = format('any_text', {})
export const anyTextBut = (excluded: readonly string[]): Format => format('any_text', { excludes: JSON.stringify(excluded) })
export const constant = (text: string): Format => format('const_string', { value: JSON.stringify(text) })
export const regex = (pattern: string): Format => format('regex', { pattern: JSON.stringify(optionalGroups(pattern)) })
export const sequence = (elements: readonly Format[]): Format =>
  elements.length === 1 && elements[0] !== undefined ? elements[0] : format('sequence', { elements: list(elements) })
export const or = (elements: readonly Format[]): Format =>
  elements.length === 1 && elements[0] !== undefined ? elements[0] : format('or', { elements: list(elements) })
export const star = (content: Format): Format => format('star', { content })
export const optionally = (content: Format): Format => format('optional', { content })
export const tag = (begin: string, content: Format, end: string): Format =>
  format('tag', { begin: JSON.stringify(begin), content, end: JSON.stringify(end) })
/** @param isMany - whether several may follow one another */
export const separated = (tags: readonly Format[], separator: string, isMany: boolean): Format =>
  format('tags_with_separator', {
    tags: list(tags),
    separator: JSON.stringify(separator),
    at_least_one: 'true',
    stop_after_first: String(!isMany),
  })
/** Free text in which each trigger begins one of the tags. */
export const textWithTags = (triggers: readonly string[], tags: readonly Format[], isMany: boolean): Format =>
  format('triggered_tags', { triggers: JSON.stringify(triggers), tags: list(tags), stop_after_first: String(!isMany) })
/**
 * @param schema - as text
 * @param excluded - texts that no value contains
 */
export const jsonSchema = (schema: string, excluded: readonly string[] = []): Format =>
  format('json_schema', {
    json_schema: schema,
    max_whitespace_cnt: String(MOST_WHITESPACE),
    ...(excluded.length === 0 ? {} : { excludes: JSON.stringify(excluded) }),
  })
export const grammarFormat = (text: string, syntax: 'ebnf' | 'lark'): Format =>
  format('grammar', { grammar: JSON.stringify(text), syntax: JSON.stringify(syntax) })
/** White space where a model may write some. */
export const gap = regex('[ \\n]{0,4}')

/** A grammar as a part of a structural tag. */
export function formatOf({ kind, text }: Grammar): Format {
  switch (kind) {
    case 'json-schema':
      return jsonSchema(text)
    case 'ebnf':
      return grammarFormat(text, 'ebnf')
    case 'regex':
      return regex(text)
    case 'structural-tag':
      return text.slice('{"type":"structural_tag","format":'.length, -1) as Format
  }
}

export function structuralTag(content: Format): Grammar {
  return { kind: 'structural-tag', text: `{"type":"structural_tag","format":${content}}` }
}
