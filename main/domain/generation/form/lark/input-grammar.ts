import { isJsonObject } from '../../../../shared/formats/json-value.ts'

/** The keyword of a text that follows a Lark grammar, which is its value. */
export const LARK = 'x-lark'

/** The Lark grammar of a text; null: it follows none. */
export const larkOf = (schema: unknown): string | null => {
  const grammar = isJsonObject(schema) ? schema[LARK] : undefined
  return typeof grammar === 'string' ? grammar : null
}

/** The only argument of a tool with plain-text input. */
export const TEXT_ARGUMENT = 'input'

/** The Lark grammar that a tool's plain-text input follows; null: none. */
export function inputGrammar(parameters: unknown): string | null {
  const properties = isJsonObject(parameters) ? parameters['properties'] : undefined
  const isSingle = isJsonObject(properties) && Object.keys(properties).length === 1
  return isSingle ? larkOf(properties[TEXT_ARGUMENT]) : null
}
