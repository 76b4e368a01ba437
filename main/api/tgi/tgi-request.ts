import type { InferenceRequest } from '../../shared/inference/inference.ts'
import type { TgiRequest } from '../../shared/wire/api/tgi.ts'
import { isRecord } from '../lenient/json-record.ts'
import { lenientSettings } from '../lenient/lenient-settings.ts'
import { toGenerationSettings } from '../prompt/generation-settings.ts'
import { type IsNeutral, refuseUnsupported } from '../prompt/refuse-unsupported.ts'
import { tokenRulesOf } from '../prompt/token-rules-of.ts'

const DEFAULT = 'default'
const DEFAULT_NEW_TOKENS = 100

/** TGI's parameters that would change the answer and that this node does not support, with the values that have no effect. */
const REFUSED: Readonly<Record<string, IsNeutral>> = {
  adapter_id: (value) => value === '',
  best_of: (value) => value === 1 || value === 0,
  typical_p: (value) => value === 1,
  watermark: (value) => value === false,
}

/** Accepts a parameter that stands beside `parameters`, other clients' names, and values that mean "off". */
export function lenientTgi(given: unknown): unknown {
  if (!isRecord(given)) return given
  const { inputs, parameters, model, stream, ...beside } = given
  if (parameters !== undefined && parameters !== null && !isRecord(parameters)) return given
  const { max_new_tokens: limit, truncate, ...settings } = lenientSettings({ ...beside, ...parameters })
  return {
    inputs: inputs ?? beside['prompt'],
    model: model ?? DEFAULT,
    ...(stream === undefined ? {} : { stream }),
    parameters: { ...settings, max_new_tokens: limit ?? settings['max_tokens'], truncate: truncate === 0 ? null : truncate },
  }
}

/** @throws ApiError 400 for parameters that this node does not support */
export function toTgiInference({ model, inputs, parameters }: TgiRequest, requestId: string): InferenceRequest {
  const given = parameters ?? {}
  refuseUnsupported(given, REFUSED)
  const { temperature, top_k: topK, top_p: topP } = given
  const isSampled = given.do_sample === true || (temperature ?? 1) !== 1 || (topK ?? 0) > 0 || (topP ?? 1) < 1
  return {
    requestId,
    model: model ?? DEFAULT,
    prompt: { kind: 'text', text: inputs },
    ...toGenerationSettings({ ...given, temperature: isSampled ? temperature : 0 }),
    choices: 1,
    maxTokens: given.max_new_tokens ?? DEFAULT_NEW_TOKENS,
    topLogprobs: given.top_n_tokens ?? 0,
    promptLogprobs: given.decoder_input_details === true,
    ...tokenRulesOf({ truncate_prompt_tokens: given.truncate }),
  }
}
