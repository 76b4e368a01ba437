import { isJsonObject } from '../formats/json-value.ts'
import type { ConnectTarget } from './connect-tool.ts'

/** Room for tools that must know a context, where the node does not. */
const UNKNOWN_CONTEXT_TOKENS = 8_192

function valuesOf({ root, key, model, contextTokens, folder = '', file = '' }: ConnectTarget): Readonly<Record<string, string>> {
  return { root, base: `${root}/v1`, key, model, context: String(contextTokens ?? UNKNOWN_CONTEXT_TOKENS), folder, file }
}

/** @param escape - makes a value safe where it is inserted */
export function fillInText(text: string, target: ConnectTarget, escape: (value: string) => string = (value) => value): string {
  const values = valuesOf(target)
  return text.replace(/\{(root|base|key|model|context|folder|file)\}/g, (_, name: string) => escape(values[name] ?? ''))
}

/** For a value between double quotes in TOML or a shell's environment file. */
export const escapeQuoted = (value: string): string => JSON.stringify(value).slice(1, -1)

/** Replaces the placeholders in all texts and names of a JSON value. A text that is only `{context}` becomes a number. */
export function fillInJson(value: unknown, target: ConnectTarget): unknown {
  if (typeof value === 'string') return value === '{context}' ? Number(fillInText(value, target)) : fillInText(value, target)
  if (Array.isArray(value)) return value.map((entry) => fillInJson(entry, target))
  if (!isJsonObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, entry]) => [fillInText(name, target), fillInJson(entry, target)]))
}
