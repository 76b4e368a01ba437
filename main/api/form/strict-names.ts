import { isJsonObject } from '../../shared/formats/json-value.ts'
import { inputGrammar } from '../../domain/generation/form/lark/input-grammar.ts'
import { checkedLark } from './checked-lark.ts'
import { checkedSchema } from './checked-schema.ts'

interface GivenTool {
  readonly name: string
  readonly strict?: boolean | null | undefined
  readonly parameters?: unknown
  /** Anthropic's name for `parameters`. */
  readonly input_schema?: unknown
}

/**
 * The tools whose calls must match their schema.
 *
 * @throws ApiError 400 if a schema requires something that cannot be checked, or a grammar something that cannot be enforced
 */
export async function strictNames(tools: readonly GivenTool[]): Promise<string[]> {
  const strict = tools.filter(({ strict: isStrict }) => isStrict === true)
  for (const { name, parameters, input_schema: schema = parameters } of strict) {
    if (isJsonObject(schema)) await checkedSchema(schema, `tools.${name}`, true)
    const grammar = inputGrammar(schema)
    if (grammar !== null) checkedLark(grammar, `tools.${name}`, true)
  }
  return strict.map(({ name }) => name)
}
