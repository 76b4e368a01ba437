import type { JsonObject } from '../../../shared/formats/json-value.ts'
import type { CallRule } from '../../../shared/inference/inference.ts'
import type { CallForm } from '../calls/call-forms.ts'
import { enforceableLark } from './lark/enforceable-lark.ts'
import { inputGrammar, TEXT_ARGUMENT } from './lark/input-grammar.ts'
import { namedArguments } from './named-arguments.ts'
import { RecentValues } from './recent-values.ts'
import { constant, type Format, grammarFormat, jsonSchema, regex, separated, sequence, tag, textWithTags } from './structural-tag.ts'

/** A model may number its calls with any of these. */
const NUMBER = regex('[0-9]{1,3}')

/** Plain-text input as JSON. */
const inputAsJson = (grammar: string): Format =>
  sequence([regex(`\\{"${TEXT_ARGUMENT}": ?"`), grammarFormat(enforceableLark(grammar, true), 'lark'), constant('"}')])

/** An agent sends the same tools with each request. */
const named = new RecentValues<Format>(8_000_000)

function argumentsOf(schema: JsonObject, style: CallForm['style']): Format {
  if (style !== 'json') {
    const text = `${style} ${JSON.stringify(schema)}`
    const known = named.get(text)
    if (known !== undefined) return known
    const written = namedArguments(schema, style)
    named.set(text, written, written.length)
    return written
  }
  const grammar = inputGrammar(schema)
  return grammar === null ? jsonSchema(JSON.stringify(schema)) : inputAsJson(grammar)
}

function callTag({ call: [before, between, after], style, isNumbered }: CallForm, { name, schema }: CallRule['tools'][number]): Format {
  const written = before.endsWith('"') ? JSON.stringify(name).slice(1, -1) : name
  const content = argumentsOf(schema, style)
  return isNumbered
    ? tag(`${before}${written}:`, sequence([NUMBER, constant(between), content]), after)
    : tag(before + written + between, content, after)
}

/** The calls of an answer, one after the other, in a family's format. */
function sectionOf(form: CallForm, { tools, isParallel }: CallRule): Format {
  const calls = separated(
    tools.map((tool) => callTag(form, tool)),
    form.separator,
    isParallel && !form.isLast,
  )
  return form.section[0] === '' ? calls : tag(form.section[0], calls, form.section[1])
}

/** The text that begins calls where an answer is free otherwise. */
function triggerOf({ section: [open], call: [before] }: CallForm): string {
  return (open || before).split('\n', 1)[0] ?? ''
}

/** Answers that consist of calls, or text in which each call is one of the rule's. */
export function callGrammar(form: CallForm, rule: CallRule): Format {
  if (rule.isRequired) return sectionOf(form, rule)
  const tags = form.section[0] === '' ? rule.tools.map((tool) => callTag(form, tool)) : [sectionOf(form, rule)]
  return textWithTags([triggerOf(form)], tags, rule.isParallel && form.section[0] === '')
}
