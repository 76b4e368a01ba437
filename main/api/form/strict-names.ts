import { isJsonObject } from '../../shared/formats/json-value.ts'
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
 * @throws ApiError 400 if a schema requires something that cannot be checked
 */
export async function strictNames(tools: readonly GivenTool[]): Promise<string[]> {
  const strict = tools.filter(({ strict: isStrict }) => isStrict === true)
  for (const { name, parameters, input_schema: schema = parameters } of strict)
    if (isJsonObject(schema)) await checkedSchema(schema, `tools.${name}`, true)
  return strict.map(({ name }) => name)
}
