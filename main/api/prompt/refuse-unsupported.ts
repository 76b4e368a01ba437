import { ApiError } from '../api-error.ts'

export type IsNeutral = (value: unknown) => boolean

const isEmpty: IsNeutral = (value) => value === false || value === '' || value === 0 || (Array.isArray(value) && value.length === 0)
const is =
  (...neutral: readonly unknown[]): IsNeutral =>
  (value) =>
    neutral.includes(value)
const typeIs =
  (type: string): IsNeutral =>
  (value) =>
    (value as { type?: unknown }).type === type

/**
 * Fields of OpenAI, vLLM or llama.cpp that would change the answer and that this node does not support, each with the
 * values that have no effect. Any other field outside the schema is ignored.
 */
const REFUSED: Readonly<Record<string, IsNeutral>> = {
  audio: () => false,
  response_format: typeIs('text'),
  tool_choice: is('auto', 'none'),
  function_call: is('none'),
  functions: isEmpty,
  modalities: (value) => Array.isArray(value) && value.every((entry) => entry === 'text'),
  verbosity: is('medium'),
  web_search_options: () => false,
  // vLLM's
  guided_choice: () => false,
  guided_grammar: () => false,
  guided_json: () => false,
  guided_regex: () => false,
  prompt_logprobs: () => false,
  structured_outputs: () => false,
  use_beam_search: is(false),
  // llama.cpp's
  grammar: isEmpty,
  json_schema: () => false,
}

/** Fields of which some values are supported. */
const PARTLY_SERVED: readonly string[] = ['response_format', 'tool_choice', 'modalities', 'include', 'truncation']

/** What to use instead, where there is an alternative. */
const WAYS_OUT: Readonly<Record<string, string>> = {
  adapter_id: 'The node loads no adapters: omit it, or name a model that includes it.',
  best_of: 'Use /v1/completions, which supports it.',
  typical_p: "Use 'top_p' or 'top_k'.",
  audio: 'The node answers with text only: omit it.',
  prompt: "The node does not store prompts: send 'instructions' and 'input' instead.",
  modalities: "The node answers with text only: omit it, or send ['text'].",
  prompt_logprobs: "Use /v1/completions with 'echo': true and 'logprobs'.",
}

/** These fields without those that a route supports. */
export function refusedBut(served: readonly string[]): Readonly<Record<string, IsNeutral>> {
  return Object.fromEntries(Object.entries(REFUSED).filter(([param]) => !served.includes(param)))
}

function wayOut(param: string): string {
  const words = WAYS_OUT[param]
  return words === undefined ? '' : ` ${words}`
}

/**
 * @param refused - fields with the values of each that have no effect
 * @throws ApiError 400 `unsupported_parameter` or `unsupported_value`, naming the field
 */
export function refuseUnsupported(body: Readonly<Record<string, unknown>>, refused: Readonly<Record<string, IsNeutral>> = REFUSED): void {
  for (const [param, isNeutral] of Object.entries(refused)) {
    const value = body[param]
    if (value === undefined || value === null || isNeutral(value)) continue
    const isPartlyServed = PARTLY_SERVED.includes(param)
    const code = isPartlyServed ? 'unsupported_value' : 'unsupported_parameter'
    throw new ApiError(
      400,
      code,
      `This node does not support ${isPartlyServed ? `this value of '${param}'` : `'${param}'`}.${wayOut(param)}`,
      { param },
    )
  }
}
