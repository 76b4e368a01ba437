import { isJsonObject, type JsonObject } from '../../../shared/formats/json-value.ts'
import type { CallRule, ToolDefinition } from '../../../shared/inference/inference.ts'
import { isCertain } from './certain-schema.ts'
import { enforceableSchema } from './enforceable-schema.ts'
import { recursionFault } from './recursion-fault.ts'
import { schemaFault } from './schema-fault.ts'

const ANY_OBJECT: JsonObject = { type: 'object' }

/** The schema as the schema of an object, which the arguments of every call are. */
function objectSchema(schema: JsonObject): JsonObject {
  const isCombined = ['anyOf', 'oneOf', 'allOf', '$ref'].some((keyword) => schema[keyword] !== undefined)
  return isCombined && schema['type'] === undefined ? schema : { ...schema, type: 'object' }
}

/** The schema that binds a tool's arguments. A tool whose schema cannot be used takes any object. */
function argumentSchema(parameters: unknown): JsonObject {
  if (!isJsonObject(parameters)) return ANY_OBJECT
  const fault = schemaFault(parameters, { isStrict: false, patternFault: () => null }) ?? recursionFault(parameters)
  return fault === null ? enforceableSchema(objectSchema(parameters)) : ANY_OBJECT
}

/** Whether all arguments that the grammar of a tool allows fit its schema. */
export const isCertainTool = ({ parameters }: ToolDefinition): boolean =>
  !isJsonObject(parameters) || (argumentSchema(parameters) !== ANY_OBJECT && isCertain(parameters))

/** @param isBound - whether the tool's schema binds its arguments; otherwise they are any object */
export function boundTools(tools: readonly ToolDefinition[], isBound: (name: string) => boolean): CallRule['tools'] {
  return tools.map(({ name, parameters }) => ({ name, schema: isBound(name) ? argumentSchema(parameters) : ANY_OBJECT }))
}
