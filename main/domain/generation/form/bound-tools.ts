import { isJsonObject, type JsonObject } from '../../../shared/formats/json-value.ts'
import type { CallRule, ToolDefinition } from '../../../shared/inference/inference.ts'
import { isCertain } from './certain-schema.ts'
import { enforceableSchema } from './enforceable-schema.ts'
import { RecentValues } from './recent-values.ts'
import { recursionFault } from './recursion-fault.ts'
import { schemaFault } from './schema-fault.ts'

const ANY_OBJECT: JsonObject = { type: 'object' }

/** The schema as the schema of an object, which the arguments of every call are. */
function objectSchema(schema: JsonObject): JsonObject {
  const isCombined = ['anyOf', 'oneOf', 'allOf', '$ref'].some((keyword) => schema[keyword] !== undefined)
  return isCombined && schema['type'] === undefined ? schema : { ...schema, type: 'object' }
}

/** An agent sends the same tools with each request. */
const translated = new RecentValues<JsonObject>(8_000_000)

/** The schema that binds a tool's arguments. A tool whose schema cannot be used takes any object. */
function argumentSchema(parameters: unknown): JsonObject {
  if (!isJsonObject(parameters)) return ANY_OBJECT
  const text = JSON.stringify(parameters)
  const known = translated.get(text)
  if (known !== undefined) return known
  const fault = schemaFault(parameters, { isStrict: false, patternFault: () => null }) ?? recursionFault(parameters)
  const schema = fault === null ? enforceableSchema(objectSchema(parameters)) : ANY_OBJECT
  translated.set(text, schema, JSON.stringify(schema).length)
  return schema
}

/** Whether all arguments that the grammar of a tool allows fit its schema. */
export const isCertainTool = ({ parameters }: ToolDefinition): boolean =>
  !isJsonObject(parameters) || (argumentSchema(parameters) !== ANY_OBJECT && isCertain(parameters))

/** @param isBound - whether the tool's schema binds its arguments; otherwise they are any object */
export function boundTools(tools: readonly ToolDefinition[], isBound: (name: string) => boolean): CallRule['tools'] {
  return tools.map(({ name, parameters }) => ({ name, schema: isBound(name) ? argumentSchema(parameters) : ANY_OBJECT }))
}
