import type { InferenceRequest, Prompt } from '../../shared/inference/inference.ts'
import type { LlamaCompletionRequest, LlamaInfillRequest } from '../../shared/wire/api/llama-cpp.ts'
import { isRecord, type JsonRecord } from '../lenient/json-record.ts'
import { lenientSettings } from '../lenient/lenient-settings.ts'
import { toGenerationSettings } from '../prompt/generation-settings.ts'
import { FORM_FIELDS } from '../form/form-demand.ts'
import { type IsNeutral, refusedBut, refuseUnsupported } from '../prompt/refuse-unsupported.ts'

const DEFAULT = 'default'
const isEmpty: IsNeutral = (value) => Array.isArray(value) && value.length === 0
const REFUSED: Readonly<Record<string, IsNeutral>> = {
  ...refusedBut(FORM_FIELDS),
  image_data: isEmpty,
  lora: isEmpty,
  n_cmpl: (value) => value === 1,
}

/** Accepts other clients' names of settings, and values that mean "off". */
export function lenientLlama(given: unknown): unknown {
  if (!isRecord(given)) return given
  const { repetition_penalty: penalty, prompt, ...body } = lenientSettings(given)
  return {
    ...body,
    repeat_penalty: penalty,
    n_predict: body['n_predict'] ?? body['max_tokens'],
    model: body['model'] ?? DEFAULT,
    ...(prompt === undefined ? {} : { prompt: isRecord(prompt) && isWithoutMedia(prompt) ? prompt['prompt_string'] : prompt }),
  }
}

const isWithoutMedia = ({ multimodal_data: media }: JsonRecord): boolean => media === undefined || media === null || isEmpty(media)

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
    topLogprobs: body.n_probs ? body.n_probs : null,
    promptLogprobs: false,
  }
}

/** Whether the request has a list of prompts, which has a list of answers. */
export function isSeveral(prompt: LlamaCompletionRequest['prompt']): prompt is (string | number[])[] {
  return Array.isArray(prompt) && typeof prompt[0] !== 'number'
}

/** One inference per prompt. @throws ApiError 400 for fields that this node does not support */
export function toLlamaInferences(body: LlamaCompletionRequest, requestId: string): InferenceRequest[] {
  const { prompt } = body
  const prompts = isSeveral(prompt) ? prompt : [prompt]
  return prompts.map((one, index) =>
    toInference(
      body,
      typeof one === 'string' ? { kind: 'text', text: one } : { kind: 'token-ids', tokenIds: one },
      prompts.length === 1 ? requestId : `${requestId}-${index}`,
    ),
  )
}

/** @throws ApiError 400 for fields that this node does not support */
export function toInfillInference(body: LlamaInfillRequest, requestId: string): InferenceRequest {
  const extra = (body.input_extra ?? []).map(({ filename, text }) => (filename ? `${filename}\n${text}\n` : `${text}\n`)).join('')
  const text = extra + body.input_prefix + (body.prompt ?? '')
  return toInference(body, { kind: 'text', text, suffix: body.input_suffix }, requestId)
}
