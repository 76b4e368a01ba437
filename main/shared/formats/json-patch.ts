import { z } from 'zod'
import { isJsonObject, isSameJson } from './json-value.ts'

/** RFC 6902, with the three operations that a state needs. */
export const PatchOperation = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('add'), path: z.string(), value: z.unknown() }),
  z.strictObject({ op: z.literal('replace'), path: z.string(), value: z.unknown() }),
  z.strictObject({ op: z.literal('remove'), path: z.string() }),
])
export type PatchOperation = z.infer<typeof PatchOperation>

const escapeKey = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1')
export const unescapeKey = (key: string): string => key.replaceAll('~1', '/').replaceAll('~0', '~')

/** The JSON patch from `before` to `after`, both plain JSON. A changed list is replaced completely. */
export function diffJson(before: unknown, after: unknown, path = ''): PatchOperation[] {
  if (!isJsonObject(before) || !isJsonObject(after)) return isSameJson(before, after) ? [] : [{ op: 'replace', path, value: after }]
  const removed = Object.keys(before)
    .filter((key) => !Object.hasOwn(after, key))
    .map((key): PatchOperation => ({ op: 'remove', path: `${path}/${escapeKey(key)}` }))
  const changed = Object.entries(after).flatMap(([key, value]): PatchOperation[] => {
    const place = `${path}/${escapeKey(key)}`
    return Object.hasOwn(before, key) ? diffJson(before[key], value, place) : [{ op: 'add', path: place, value }]
  })
  return [...removed, ...changed]
}

/** Returns a new value; parts that the patch does not change are shared with the old one. */
export function applyPatch(state: unknown, operations: readonly PatchOperation[]): unknown {
  return operations.reduce((current, operation) => applyOne(current, operation.path.split('/').slice(1).map(unescapeKey), operation), state)
}

function applyOne(state: unknown, keys: readonly string[], operation: PatchOperation): unknown {
  const [key, ...rest] = keys
  if (key === undefined) return operation.op === 'remove' ? undefined : operation.value
  const entries = isJsonObject(state) ? Object.entries(state) : []
  if (rest.length === 0 && operation.op === 'remove') return Object.fromEntries(entries.filter(([name]) => name !== key))
  const value = applyOne(isJsonObject(state) && Object.hasOwn(state, key) ? state[key] : undefined, rest, operation)
  return Object.fromEntries([...entries.filter(([name]) => name !== key), [key, value]])
}
