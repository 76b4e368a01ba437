import type { z } from 'zod'
import { util } from 'zod/v4/core'

type Schema = z.core.$ZodType
type Parse = Schema['_zod']['parse']

/** Below this, zod's own behaviour is cheap. */
const FEW_KEYS = 64

const guarded = new WeakSet<Schema>()

/**
 * Makes the arrays and records of a schema stop at their first invalid element. Zod would record an issue for each, and
 * a union would record as many per branch: a body of millions of invalid elements would block the node for seconds.
 */
export function endAtFirstIssue(schema: Schema): void {
  if (guarded.has(schema)) return
  guarded.add(schema)
  const def = schema._zod.def as unknown as Readonly<Record<string, unknown>>
  if (def['type'] === 'array') replaceParse(schema, (original) => parseArray(schema, def['element'] as Schema, original))
  if (def['type'] === 'record')
    replaceParse(schema, (original) => parseRecord(def['keyType'] as Schema, def['valueType'] as Schema, original))
  for (const child of childrenOf(schema, def)) endAtFirstIssue(child)
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && '_zod' in value
}

function childrenOf(schema: Schema, def: Readonly<Record<string, unknown>>): Schema[] {
  const { shape, checks: _checks, ...others } = def
  // A lazy schema calls its getter once and caches the result.
  const lazy = def['type'] === 'lazy' ? [(schema as z.core.$ZodLazy)._zod.innerType] : []
  const inner: unknown[] = Object.values(others)
    .flat()
    .concat(Object.values(shape ?? {}), lazy)
  return inner.filter(isSchema)
}

/** Zod replaces its own wrappers at the first parse. Our wrapper stays in place and calls the function that zod sets later. */
function replaceParse(schema: Schema, toParse: (original: Parse) => Parse): void {
  const { _zod: inner } = schema
  let original = inner.parse
  const parse = toParse((payload, context) => original(payload, context))
  const replaced = { configurable: true, get: () => parse, set: (next: Parse) => void (original = next) }
  // Without checks, `run` and `parse` are the same function.
  if (inner.run === inner.parse) Object.defineProperty(inner, 'run', replaced)
  Object.defineProperty(inner, 'parse', replaced)
}

function parseArray(schema: Schema, element: Schema, original: Parse): Parse {
  return (payload, context) => {
    const input: unknown = payload.value
    if (!Array.isArray(input)) return original(payload, context)
    const { maximum } = schema._zod.bag as { maximum?: number }
    // Zod's length check, which runs after the elements, reports the error.
    if (maximum !== undefined && input.length > maximum) return payload
    const output = Array<unknown>(input.length)
    for (let index = 0; index < input.length; index++) {
      const result = element._zod.run({ value: input[index] as unknown, issues: [] }, context)
      if (result instanceof Promise) return original(payload, context)
      if (result.issues.length > 0) {
        payload.issues.push(...util.prefixIssues(index, result.issues.slice(0, 1)))
        return payload
      }
      output[index] = result.value
    }
    payload.value = output
    return payload
  }
}

function parseRecord(keyType: Schema, valueType: Schema, original: Parse): Parse {
  return (payload, context) => {
    const input: unknown = payload.value
    if (!util.isPlainObject(input)) return original(payload, context)
    const keys = Object.keys(input)
    if (keys.length <= FEW_KEYS) return original(payload, context)
    const isWrong = (type: Schema, value: unknown): boolean => {
      const result = type._zod.run({ value, issues: [] }, context)
      return !(result instanceof Promise) && result.issues.length > 0
    }
    const wrong = keys.find((key) => isWrong(keyType, key) || isWrong(valueType, input[key]))
    if (wrong !== undefined) payload.value = { [wrong]: input[wrong] }
    return original(payload, context)
  }
}
