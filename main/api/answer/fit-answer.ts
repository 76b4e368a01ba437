import { misfit } from '../../domain/generation/calls/fit-schema.ts'
import { adaptToSchema } from '../../domain/generation/calls/adapt-to-schema.ts'
import { readRelaxedJson } from '../../domain/generation/json/read-relaxed-json.ts'
import type { ToolCall, ToolDefinition } from '../../shared/inference/inference.ts'
import { isJsonObject } from '../../shared/formats/json-value.ts'
import type { CheckedDemand } from '../form/answer-demand.ts'
import type { Matches } from '../form/match-pattern.ts'
import type { OutputPiece } from './split-output.ts'
import { textOf } from './split-output.ts'

/** An answer that meets its demand, without surrounding text, or the reason why it does not. */
export type Fitting =
  | { readonly pieces: readonly OutputPiece[]; readonly misfit: null }
  | { readonly pieces: null; readonly misfit: string }

/** The number of positions at which a value is looked for: models like to write a few words before it. */
const MOST_STARTS = 8

function isStrictJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false // the caller formats it again from the parsed value
  }
}

/** The first value in a text that matches the schema, in its original form if that is strict JSON. */
function fitText(
  text: string,
  schema: unknown,
  checksFormats: boolean,
  matches: Matches,
): { readonly text: string } | { readonly misfit: string } {
  const brackets = [...text.matchAll(/[[{]/g)].slice(0, MOST_STARTS).map(({ index }) => index)
  const starts = [...new Set([text.search(/\S/), ...brackets])].filter((start) => start >= 0)
  let reason = 'it is not JSON'
  const options = { matches, checksFormats }
  for (const start of starts) {
    const read = readRelaxedJson(text, start)
    if (!read || read.isCut) continue
    const found = misfit(read.value, schema, options)
    const raw = text.slice(start, read.end)
    if (found === null) return { text: isStrictJson(raw) ? raw : JSON.stringify(read.value) }
    const adapted = adaptToSchema(read.value, schema)
    if (misfit(adapted, schema, options) === null) return { text: JSON.stringify(adapted) }
    reason = found
  }
  return { misfit: reason }
}

const bare = (text: string): string =>
  text
    .trim()
    .replace(/^["'`*]+|["'`*.!]+$/g, '')
    .toLowerCase()

/** The choice that a text equals, or starts with as a whole word; the longest if there are several. */
function fitChoice(text: string, choices: readonly string[]): { readonly text: string } | { readonly misfit: string } {
  const said = bare(text)
  const begun = choices.filter((choice) => said.startsWith(bare(choice)) && !/^[\p{L}\p{N}_]/u.test(said.slice(bare(choice).length)))
  const chosen = choices.find((choice) => choice === text.trim()) ?? begun.toSorted((left, right) => right.length - left.length)[0]
  return chosen === undefined ? { misfit: 'it is none of the choices' } : { text: chosen }
}

/** The text, or its first line, if it matches the pattern as a whole. */
function fitPattern(text: string, pattern: string, matches: Matches): { readonly text: string } | { readonly misfit: string } {
  const candidates = [text, text.trim(), text.trim().split('\n', 1)[0]?.trim() ?? '']
  const fitting = candidates.find((candidate) => matches(`^(?:${pattern})$`, candidate))
  return fitting === undefined ? { misfit: `the regular expression ${pattern} does not match it` } : { text: fitting }
}

/** A call with arguments that match its tool's schema, or the reason why they do not. */
export function fitCall(
  call: ToolCall,
  tools: readonly ToolDefinition[],
  matches: Matches,
): { readonly call: ToolCall } | { readonly misfit: string } {
  const tool = tools.find((candidate) => candidate.name === call.name)
  if (!tool) return { misfit: `there is no tool "${call.name}"` }
  const schema = isJsonObject(tool.parameters) ? tool.parameters : {}
  const args = adaptToSchema(JSON.parse(call.argumentsJson), schema)
  const found = misfit(args, schema, { matches })
  return found === null
    ? { call: { ...call, argumentsJson: JSON.stringify(args) } }
    : { misfit: `the arguments of "${tool.name}" do not fit: ${found}` }
}

function fitCalls(pieces: readonly OutputPiece[], name: string | null, tools: readonly ToolDefinition[], matches: Matches): Fitting {
  let reason = `it calls no ${name === null ? 'tool' : `"${name}"`}`
  const fitting = pieces.flatMap((piece): OutputPiece[] => {
    if (piece.type === 'reasoning') return [piece]
    if (piece.type !== 'tool-call' || (name !== null && piece.call.name !== name)) return []
    if (!tools.some((tool) => tool.name === piece.call.name)) return []
    const fitted = fitCall(piece.call, tools, matches)
    if ('call' in fitted) return [{ ...piece, call: fitted.call }]
    reason = fitted.misfit
    return []
  })
  return fitting.some((piece) => piece.type === 'tool-call') ? { pieces: fitting, misfit: null } : { pieces: null, misfit: reason }
}

export function fitAnswer(
  pieces: readonly OutputPiece[],
  demand: CheckedDemand,
  tools: readonly ToolDefinition[],
  matches: Matches,
): Fitting {
  if (demand.kind === 'call') return fitCalls(pieces, demand.name, tools, matches)
  if (pieces.some((piece) => piece.type === 'tool-call')) return { pieces, misfit: null }
  const content = textOf(pieces, 'content')
  const fitted =
    demand.kind === 'json'
      ? fitText(content, demand.schema, demand.isStrict, matches)
      : demand.kind === 'choice'
        ? fitChoice(content, demand.choices)
        : fitPattern(content, demand.pattern, matches)
  if ('misfit' in fitted) return { pieces: null, misfit: fitted.misfit }
  return { pieces: [...pieces.filter((piece) => piece.type === 'reasoning'), { type: 'content', text: fitted.text }], misfit: null }
}
