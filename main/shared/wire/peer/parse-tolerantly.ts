import type { z } from 'zod'

/** Removing an unknown key may reveal another one. */
const MOST_PASSES = 16

/** Parses a message of another node. Keys that the schema does not know belong to a newer version and are removed. */
export function parseTolerantly<Output>(schema: z.ZodType<Output>, said: unknown): z.ZodSafeParseResult<Output> {
  let parsed = schema.safeParse(said)
  let known: unknown = said
  for (let pass = 0; !parsed.success && pass < MOST_PASSES; pass++) {
    const unknownKeys = parsed.error.issues.map((issue) =>
      issue.code === 'unrecognized_keys' ? { path: issue.path, keys: issue.keys } : null,
    )
    if (unknownKeys.some((issue) => issue === null)) return parsed
    if (pass === 0) known = JSON.parse(JSON.stringify(said))
    for (const issue of unknownKeys) if (issue) leaveOut(known, issue.path, issue.keys)
    parsed = schema.safeParse(known)
  }
  return parsed
}

/** @throws ZodError if the value does not match the schema */
export function parseSaid<Output>(schema: z.ZodType<Output>, said: unknown): Output {
  const parsed = parseTolerantly(schema, said)
  if (!parsed.success) throw parsed.error
  return parsed.data
}

function leaveOut(value: unknown, path: readonly PropertyKey[], keys: readonly string[]): void {
  let place = value
  for (const key of path) place = (place as Record<PropertyKey, unknown>)[key]
  for (const key of keys) delete (place as Record<string, unknown>)[key]
}
