import type { z } from 'zod'

/** A key that is left out may have hidden another. */
const MOST_PASSES = 16

/** Parses what another node says; keys that the schema does not know are those of a newer version and are left out. */
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

/** @throws ZodError where it is something else than the schema says */
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
