import { grammarFormat, structuralTag } from '../../domain/generation/form/structural-tag.ts'
import { isJsonObject } from '../../shared/formats/json-value.ts'
import type { Grammar } from '../../shared/inference/grammar.ts'
import { ApiError } from '../api-error.ts'
import type { GrammarDemand } from './answer-demand.ts'
import { checkedLark } from './checked-lark.ts'
import { requireFormSize } from './require-form-size.ts'

/** llama.cpp's and xgrammar's rules are defined by `::=`, Lark's by a colon. */
const isLark = (text: string): boolean => !text.includes('::=')

function demandOf(grammar: Grammar, param: string): GrammarDemand {
  requireFormSize('grammar', grammar.text, param)
  return { kind: 'grammar', grammar, param }
}

/**
 * The demand of a grammar in GBNF or EBNF, or in Lark's notation.
 *
 * @throws ApiError 400 if it is not text or too large, or a grammar in Lark's notation that cannot be enforced
 */
export function grammarDemand(text: unknown, param: string): GrammarDemand | null {
  if (text === undefined || text === null || text === '') return null
  if (typeof text !== 'string') throw new ApiError(400, 'invalid_value', `'${param}' must be a grammar, as text.`, { param })
  return demandOf(isLark(text) ? structuralTag(grammarFormat(checkedLark(text, param), 'lark')) : { kind: 'ebnf', text }, param)
}

/** The demand of one of xgrammar's structural tags, as an object or its JSON text. @throws ApiError 400 */
export function structuralTagDemand(given: unknown, param: string): GrammarDemand | null {
  if (given === undefined || given === null) return null
  const text = typeof given === 'string' ? given : JSON.stringify(given)
  const isTag = typeof given === 'string' || (isJsonObject(given) && isJsonObject(given['format']))
  if (!isTag) throw new ApiError(400, 'invalid_value', `'${param}' must be a structural tag: an object with a 'format'.`, { param })
  return demandOf({ kind: 'structural-tag', text }, param)
}
