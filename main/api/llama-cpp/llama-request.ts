import type { InferenceRequest, Prompt } from '../../shared/inference/inference.ts'
import type { LlamaCompletionRequest, LlamaInfillRequest } from '../../shared/wire/api/llama-cpp.ts'
import { isRecord } from '../lenient/json-record.ts'
import { lenientSettings } from '../lenient/lenient-settings.ts'
import { toGenerationSettings } from '../prompt/generation-settings.ts'
import { FORM_FIELDS } from '../form/form-demand.ts'
import { refusedBut, refuseUnsupported } from '../prompt/refuse-unsupported.ts'

const DEFAULT = 'default'
const REFUSED = refusedBut(FORM_FIELDS)

/** Accepts other clients' names of settings, and values that mean "off". */
export function lenientLlama(given: unknown): unknown {
  if (!isRecord(given)) return given
  const { repetition_penalty: penalty, ...body } = lenientSettings(given)
  return { ...body, repeat_penalty: penalty, n_predict: body['n_predict'] ?? body['max_tokens'], model: body['model'] ?? DEFAULT }
}

function toInference(body: LlamaCompletionRequest | LlamaInfillRequest, prompt: Prompt, requestId: string): InferenceRequest {
  refuseUnsupported(body, REFUSED)
  const { n_predict: limit } = body
  return {
    requestId,
    model: body.model ?? DEFAULT,
    prompt,
    ...toGenerationSettings({ ...body, repetition_penalty: body.repeat_penalty }),
    choices: 1,
    maxTokens: limit === undefined || limit === null || limit < 0 ? null : limit,
    topLogprobs: null,
    promptLogprobs: false,
  }
}

/** @throws ApiError 400 for fields that this node does not support */
export function toCompletionInference(body: LlamaCompletionRequest, requestId: string): InferenceRequest {
  const { prompt } = body
  return toInference(body, typeof prompt === 'string' ? { kind: 'text', text: prompt } : { kind: 'token-ids', tokenIds: prompt }, requestId)
}

/** @throws ApiError 400 for fields that this node does not support */
export function toInfillInference(body: LlamaInfillRequest, requestId: string): InferenceRequest {
  const extra = (body.input_extra ?? []).map(({ filename, text }) => (filename ? `${filename}\n${text}\n` : `${text}\n`)).join('')
  const text = extra + body.input_prefix + (body.prompt ?? '')
  return toInference(body, { kind: 'text', text, suffix: body.input_suffix }, requestId)
}
