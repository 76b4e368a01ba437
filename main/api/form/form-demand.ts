import { isJsonObject } from '../../shared/formats/json-value.ts'
import { type AnswerDemand, jsonDemand, textDemand } from './answer-demand.ts'
import { grammarDemand, structuralTagDemand } from './grammar-demand.ts'

/** Fields of OpenAI, vLLM, SGLang and llama.cpp that set the required form of an answer. */
export const FORM_FIELDS: readonly string[] = [
  'response_format',
  'guided_json',
  'json_schema',
  'structured_outputs',
  'guided_choice',
  'guided_regex',
  'guided_grammar',
  'grammar',
]

/** @param schema - a JSON schema, or its text */
async function schemaDemand(schema: unknown, param: string): Promise<AnswerDemand | null> {
  if (schema === undefined || schema === null) return null
  return jsonDemand({ type: 'json_schema', schema }, param)
}

/** @param param - the field that has the format. @throws ApiError 400 */
export async function formatDemand(format: unknown, param: string): Promise<AnswerDemand | null> {
  if (isJsonObject(format) && format['type'] === 'grammar') return grammarDemand(format['grammar'], param)
  if (isJsonObject(format) && format['type'] === 'regex')
    return textDemand(undefined, format['value'] ?? format['pattern'] ?? format['regex'] ?? format['grammar'])
  if (isJsonObject(format) && format['type'] === 'structural_tag') return structuralTagDemand(format, param)
  return jsonDemand(format, param)
}

/** The demand of Ollama's format: "json", a schema, or its text. @throws ApiError 400 */
export async function ollamaDemand(format: unknown): Promise<AnswerDemand | null> {
  const isSchema = isJsonObject(format) || (typeof format === 'string' && format.trimStart().startsWith('{'))
  return jsonDemand(isSchema ? { type: 'json_schema', schema: format } : format, 'format')
}

/** Each API's own field for a format, which clients also send to the others. */
async function anyFormatDemand(body: Readonly<Record<string, unknown>>): Promise<AnswerDemand | null> {
  const inside = (name: string): unknown => (isJsonObject(body[name]) ? body[name]['format'] : undefined)
  return (
    (await formatDemand(body['response_format'], 'response_format')) ??
    (await formatDemand(inside('text'), 'text')) ??
    (await formatDemand(inside('output_config') ?? body['output_format'], 'output_config.format')) ??
    // Another word of this name is no format of an answer.
    (body['format'] === 'json' || isJsonObject(body['format']) ? await ollamaDemand(body['format']) : null)
  )
}

/** The form that a request of any API but Ollama's requires; null: any. @throws ApiError 400 */
export async function formDemand(body: Readonly<Record<string, unknown>>): Promise<AnswerDemand | null> {
  const given = body['structured_outputs']
  const outputs = isJsonObject(given) ? given : {}
  return (
    (await anyFormatDemand(body)) ??
    (await textDemand(body['guided_choice'] ?? outputs['choice'], body['guided_regex'] ?? body['regex'] ?? outputs['regex'])) ??
    (await schemaDemand(body['guided_json'], 'guided_json')) ??
    (await schemaDemand(body['json_schema'], 'json_schema')) ??
    (await schemaDemand(outputs['json'], 'structured_outputs.json')) ??
    (outputs['json_object'] === true || body['guided_json_object'] === true ? await jsonDemand('json', 'structured_outputs') : null) ??
    grammarDemand(body['guided_grammar'], 'guided_grammar') ??
    grammarDemand(body['grammar'], 'grammar') ??
    grammarDemand(body['ebnf'], 'ebnf') ??
    grammarDemand(outputs['grammar'], 'structured_outputs.grammar') ??
    structuralTagDemand(outputs['structural_tag'], 'structured_outputs.structural_tag')
  )
}
