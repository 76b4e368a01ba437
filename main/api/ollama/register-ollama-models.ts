import { createHash } from 'node:crypto'
import { z } from 'zod'
import { OllamaError, OllamaRunning, OllamaShow, OllamaTags } from '../../shared/wire/api/ollama.ts'
import type { OllamaDetails } from '../../shared/wire/api/ollama.ts'
import type { ListedModel } from '../api-dependencies.ts'
import { ApiError } from '../api-error.ts'
import type { ApiContext, ApiServer } from '../api-server.ts'
import { isNamed } from '../models/is-named.ts'
import { weightsOf } from '../models/model-named.ts'
import { formatParameterCount, parameterCount } from '../models/parameter-count.ts'
import { modelCapabilities } from '../models/model-capabilities.ts'
import { formatModelfile, formatParameters, SHOWN_TEMPLATE } from './format-modelfile.ts'
import { modelName } from './ollama-request.ts'

/** Clients require at least 0.13. This is not the version of this program. */
const OLLAMA_API_VERSION = '0.13.5'
/** Clients need a date even for a model that stays loaded forever. */
const FOREVER_MS = 100 * 365 * 24 * 3_600_000

const tags = ['ollama']
const failures = { '4xx': OllamaError, '5xx': OllamaError }

function toDetails({ card, derived }: ListedModel): OllamaDetails {
  const family = card?.family ?? ''
  return {
    parent_model: derived?.from ?? '',
    format: 'mlx',
    family,
    families: family === '' ? [] : [family],
    parameter_size: card ? formatParameterCount(parameterCount(card)) : '',
    quantization_level: card?.quantization ? `${card.quantization.bits}-bit` : '',
  }
}

/** Ollama's clients look for names with a tag, also if the user has given none. */
function listedName({ modelId, derived }: ListedModel): string {
  return derived && !modelId.includes(':') ? `${modelId}:latest` : modelId
}

function toOllamaModel(model: ListedModel, modifiedAt: string): z.infer<typeof OllamaTags>['models'][number] {
  return {
    name: listedName(model),
    model: listedName(model),
    size: model.card?.weightBytes ?? 0,
    digest: createHash('sha256')
      .update(JSON.stringify([model.modelId, model.card?.hubCommit, model.derived]))
      .digest('hex'),
    modified_at: model.derived ? new Date(model.derived.modifiedEpochMs).toISOString() : modifiedAt,
    details: toDetails(model),
    capabilities: modelCapabilities(model),
  }
}

function toModelInfo({ card, contextTokens }: ListedModel): Record<string, unknown> {
  if (!card) return {}
  const { family } = card
  return {
    'general.architecture': family,
    'general.parameter_count': parameterCount(card),
    'general.file_type': 0,
    [`${family}.context_length`]: contextTokens ?? card.contextTokens,
    [`${family}.embedding_length`]: card.hiddenSize,
    [`${family}.block_count`]: card.layers,
    [`${family}.attention.head_count`]: card.attentionHeads,
    [`${family}.attention.head_count_kv`]: card.kvHeads,
    [`${family}.vocab_size`]: card.vocabSize,
  }
}

/** Ollama's routes that list models and describe the node. */
export function registerOllamaModels(
  server: ApiServer,
  { models, cluster, clock }: ApiContext,
  config: { errorBody: (error: ApiError) => unknown; lenient: (body: unknown) => unknown },
): void {
  const modifiedAt = new Date(clock.epochMs()).toISOString()
  for (const path of ['/', '/v1'] as const) {
    server.get(
      path,
      { schema: { summary: 'Whether the node is up; the API reference is at /openapi.json. A browser is sent to /dashboard', tags } },
      async ({ headers }, reply) => {
        // Clients accept anything, and recognize Ollama by this text.
        const isBrowser = headers.accept?.includes('text/html') === true
        return isBrowser ? reply.redirect('/dashboard') : 'Ollama is running'
      },
    )
  }
  server.get('/ollama', { schema: { summary: 'The answer by which clients recognize Ollama', tags } }, async () => 'Ollama is running')
  server.get(
    '/ollama/api/version',
    {
      schema: {
        summary: "The version of Ollama's API that these routes implement",
        tags,
        response: { 200: z.strictObject({ version: z.string() }) },
      },
    },
    async () => ({ version: OLLAMA_API_VERSION }),
  )
  server.get('/ollama/api/tags', { schema: { summary: "Models in Ollama's format", tags, response: { 200: OllamaTags } } }, async () => ({
    models: (await models.list()).map((model) => toOllamaModel(model, modifiedAt)),
  }))
  server.get('/ollama/api/ps', { schema: { summary: 'Loaded models', tags, response: { 200: OllamaRunning } } }, async () => ({
    models: (await models.list())
      .filter((model) => model.loaded && !model.derived)
      .map((model) => ({
        ...toOllamaModel(model, modifiedAt),
        size_vram: model.card?.weightBytes ?? 0,
        expires_at: new Date(cluster.expiryOf(model.modelId) ?? clock.epochMs() + FOREVER_MS).toISOString(),
        context_length: model.contextTokens ?? model.card?.contextTokens ?? 0,
      })),
  }))
  server.post(
    '/ollama/api/show',
    {
      config,
      schema: {
        summary: 'One model',
        tags,
        body: z.looseObject({ model: z.string().optional(), name: z.string().optional() }),
        response: { 200: OllamaShow, ...failures },
      },
    },
    async (request) => {
      const name = modelName(request.body.model ?? request.body.name ?? '')
      const model = (await models.list()).find((candidate) => isNamed(candidate, name))
      if (!model) throw new ApiError(404, 'model_not_found', `model '${name}' not found`, { param: 'model' })
      const own = { system: null, template: null, messages: [], license: '', ...model.derived }
      const parameters = { num_ctx: model.contextTokens ?? model.card?.contextTokens ?? 0, ...model.derived?.parameters }
      return {
        license: own.license,
        modelfile: `# Modelfile of ${model.modelId}\n${formatModelfile(weightsOf(model) ?? model.modelId, { ...own, parameters })}`,
        parameters: formatParameters(parameters),
        template: own.template ?? SHOWN_TEMPLATE,
        system: own.system ?? '',
        ...(own.messages.length > 0 ? { messages: own.messages } : {}),
        modified_at: toOllamaModel(model, modifiedAt).modified_at,
        details: toDetails(model),
        model_info: toModelInfo(model),
        capabilities: modelCapabilities(model),
      }
    },
  )
}
