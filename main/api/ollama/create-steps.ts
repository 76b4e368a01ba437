import { createHash } from 'node:crypto'
import { parseGoTemplate } from '../../domain/go-template/parse-go-template.ts'
import type { DerivedModel } from '../../shared/wire/api/derived-model.ts'
import type { OllamaCreateRequest } from '../../shared/wire/api/ollama.ts'
import { OllamaOptions } from '../../shared/wire/api/ollama.ts'
import { ApiError } from '../api-error.ts'
import type { ApiContext } from '../api-server.ts'
import { lenientSettings } from '../lenient/lenient-settings.ts'
import { modelNamed } from '../models/model-named.ts'
import { standInFor } from '../models/stand-in.ts'
import { SHOWN_TEMPLATE } from './format-modelfile.ts'
import { modelName } from './ollama-request.ts'
import { parseModelfile } from './parse-modelfile.ts'
import { type PullStep, pullSteps } from './pull-steps.ts'

const isGiven = (value: unknown): boolean =>
  value !== undefined && value !== null && value !== '' && !(typeof value === 'object' && Object.keys(value).length === 0)

/** Refuses sources from which this node cannot create models, and says what to use instead. */
function refuseForeign(body: OllamaCreateRequest): void {
  const ways: Readonly<Record<string, string>> = {
    files: 'Import a GGUF file with exo models import FILE --id my/name, and create the model from that.',
    adapters: 'Merge the adapter into its model, and create the model from that.',
    quantize: 'Pull a quantized model from Hugging Face, such as one of mlx-community.',
  }
  for (const [param, way] of Object.entries(ways))
    if (isGiven(body[param])) throw new ApiError(400, 'unsupported_parameter', `This node does not support '${param}'. ${way}`, { param })
}

/** Settings of a model, validated like those of a request. */
function parametersOf(given: Readonly<Record<string, unknown>>): DerivedModel['parameters'] {
  const { repetition_penalty: repeatPenalty, ...settings } = lenientSettings(given)
  const parsed = OllamaOptions.safeParse({ ...settings, ...(repeatPenalty === undefined ? {} : { repeat_penalty: repeatPenalty }) })
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new ApiError(400, 'invalid_value', `The parameter '${String(issue?.path[0] ?? '')}' is invalid: ${issue?.message ?? ''}.`, {
    param: 'parameters',
  })
}

/** The fields of a request, given either directly or in a Modelfile. */
function wantedOf(
  body: OllamaCreateRequest,
): Pick<OllamaCreateRequest, 'from' | 'system' | 'template' | 'messages' | 'parameters'> & { license: string } {
  refuseForeign(body)
  const file = typeof body.modelfile === 'string' ? parseModelfile(body.modelfile) : null
  if (file?.adapter) refuseForeign({ ...body, adapters: { [file.adapter]: '' } })
  const template = body.template ?? file?.template
  if (template) parseGoTemplate(template)
  const license = body.license ?? file?.license ?? ''
  return {
    from: body.from ?? file?.from,
    system: body.system ?? file?.system,
    template: template === SHOWN_TEMPLATE ? null : template,
    messages: body.messages ?? (file?.messages as OllamaCreateRequest['messages']),
    parameters: body.parameters ?? file?.parameters,
    license: Array.isArray(license) ? license.join('\n') : license,
  }
}

/**
 * Derives a model from another. Omitted fields are taken from the base model.
 *
 * @throws ApiError 400 for unsupported requests; AppError `invalid-request` | `name-ambiguous`, and those of pulling
 */
export async function* createSteps(
  context: Pick<ApiContext, 'models' | 'downloads' | 'clock' | 'timers'>,
  body: OllamaCreateRequest,
  signal: AbortSignal,
): AsyncGenerator<PullStep> {
  const { models, clock } = context
  const wanted = wantedOf(body)
  if (!wanted.from) throw new ApiError(400, 'missing_required_parameter', "'from' must name the base model.", { param: 'from' })
  const from = (await standInFor(wanted.from, models, false)) ?? modelName(wanted.from)
  // The hub may have it.
  if ((await modelNamed(models, from)) === null)
    for await (const step of pullSteps(context, from, signal)) if (step.status !== 'success') yield step
  const base = await modelNamed(models, from)
  if (!base) throw new ApiError(404, 'model_not_found', `model '${from}' not found`, { param: 'from' })
  const { derived } = base
  const model: DerivedModel = {
    from: derived?.from ?? base.modelId,
    system: wanted.system ?? derived?.system ?? null,
    template: wanted.template || (derived?.template ?? null),
    parameters: { ...derived?.parameters, ...parametersOf(wanted.parameters ?? {}) },
    messages:
      (wanted.messages ?? []).length > 0
        ? (wanted.messages ?? []).map(({ role, content }) => ({ role, content }))
        : (derived?.messages ?? []),
    license: wanted.license || (derived?.license ?? ''),
    modifiedEpochMs: clock.epochMs(),
  }
  yield { status: `using existing layer sha256:${createHash('sha256').update(model.from).digest('hex')}` }
  await models.derive(modelName(body.model), model)
  yield { status: 'writing manifest' }
  yield { status: 'success' }
}

/**
 * Gives a model another name, with a copy of its derived settings.
 *
 * @throws ApiError 404; AppError `invalid-request` | `name-ambiguous`
 */
export async function copyModel(
  { models, clock }: Pick<ApiContext, 'models' | 'clock'>,
  source: string,
  destination: string,
): Promise<void> {
  const base = await modelNamed(models, source)
  if (!base) throw new ApiError(404, 'model_not_found', `model '${source}' not found`, { param: 'source' })
  const plain = { from: base.modelId, system: null, template: null, parameters: {}, messages: [], license: '' }
  await models.derive(modelName(destination), { ...(base.derived ?? plain), modifiedEpochMs: clock.epochMs() })
}
