import { recursionFault } from '../../domain/generation/form/recursion-fault.ts'
import { type SchemaFault, schemaFault } from '../../domain/generation/form/schema-fault.ts'
import type { JsonObject } from '../../shared/formats/json-value.ts'
import { RecentValues } from '../../domain/generation/form/recent-values.ts'
import { ApiError } from '../api-error.ts'
import { patternFault } from './pattern-fault.ts'
import { requireFormSize } from './require-form-size.ts'
import { slowPattern } from './slow-pattern.ts'

/** An agent sends the same tools with each request, and trying their patterns takes longer than all else that a grammar needs. */
const usable = { strict: new RecentValues<true>(2_000_000), loose: new RecentValues<true>(2_000_000) }

async function faultOf(schema: JsonObject, isStrict: boolean): Promise<SchemaFault | null> {
  const patterns: string[] = []
  const found =
    schemaFault(schema, {
      isStrict,
      patternFault: (pattern) => {
        patterns.push(pattern)
        return patternFault(pattern)
      },
    }) ?? recursionFault(schema)
  const slow = found === null ? await slowPattern(patterns) : null
  if (slow === null) return found
  const reason = `the pattern ${JSON.stringify(slow)} takes too long on some texts`
  return schemaFault(schema, { isStrict, patternFault: (pattern) => (pattern === slow ? reason : null) })
}

/**
 * Returns the schema if answers can be checked against it.
 *
 * @param param - the field of the request that contains it
 * @param isStrict - keywords that are not checked are refused; otherwise they count as annotations
 * @throws ApiError 400 with the keyword and its location
 * @throws AppError `engine-busy`
 */
export async function checkedSchema(schema: JsonObject, param: string, isStrict: boolean): Promise<JsonObject> {
  const text = JSON.stringify(schema)
  const known = isStrict ? usable.strict : usable.loose
  if (known.get(text)) return schema
  requireFormSize('schema', text, param)
  const fault = await faultOf(schema, isStrict)
  if (fault === null) {
    known.set(text, true, 0)
    return schema
  }
  const what = fault.keyword === '' ? 'The schema' : `The keyword '${fault.keyword}'`
  throw new ApiError(400, 'invalid_value', `${what} in '${param}' at ${fault.path} cannot be used: ${fault.reason}.`, { param })
}
