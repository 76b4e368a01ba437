import { createHash } from 'node:crypto'
import { z } from 'zod'
import { OllamaError, OllamaRunning, OllamaShow, OllamaTags } from '../../shared/wire/ollama.ts'
import type { OllamaDetails } from '../../shared/wire/ollama.ts'
import type { ListedModel } from '../api-dependencies.ts'
import { ApiError } from '../api-error.ts'
import type { ApiContext, ApiServer } from '../api-server.ts'
import { isNamed } from '../is-named.ts'
import { modelCapabilities } from '../model-capabilities.ts'
import { modelName } from './ollama-request.ts'

/** Clients ask for one of at least 0.13; it says nothing of this program's own. */
const OLLAMA_API_VERSION = '0.13.5'
/** Idle models go after this, unless the node was told otherwise. */
const UNLOADED_AFTER_MS = 30 * 60_000

const tags = ['ollama']
const failures = { '4xx': OllamaError, '5xx': OllamaError }

function toDetails({ card }: ListedModel): OllamaDetails {
  const family = card?.family ?? ''
  return {
    parent_model: '',
    format: 'mlx',
    family,
    families: family === '' ? [] : [family],
    parameter_size: '',
    quantization_level: card?.quantization ? `${card.quantization.bits}-bit` : '',
  }
}

function toOllamaModel(model: ListedModel, modifiedAt: string): z.infer<typeof OllamaTags>['models'][number] {
  return {
    name: model.modelId,
    model: model.modelId,
    size: model.card?.weightBytes ?? 0,
    digest: createHash('sha256').update(model.modelId).digest('hex'),
    modified_at: modifiedAt,
    details: toDetails(model),
  }
}

function toModelInfo({ card, contextTokens }: ListedModel): Record<string, unknown> {
  if (!card) return {}
  const { family } = card
  return {
    'general.architecture': family,
    [`${family}.context_length`]: contextTokens ?? card.contextTokens,
    [`${family}.embedding_length`]: card.hiddenSize,
    [`${family}.block_count`]: card.layers,
    [`${family}.attention.head_count`]: card.attentionHeads,
    [`${family}.attention.head_count_kv`]: card.kvHeads,
    [`${family}.vocab_size`]: card.vocabSize,
  }
}

/** Ollama's routes that tell of models and of the node. */
export function registerOllamaModels(server: ApiServer, { models, clock }: ApiContext, config: { errorBody: (error: ApiError) => unknown; lenient: (body: unknown) => unknown }): void {
  const modifiedAt = new Date(clock.now()).toISOString()
  for (const path of ['/', '/v1'] as const) {
    server.get(path, { schema: { summary: 'The node is up; its dashboard is at /dashboard, its routes are in /openapi.json', tags } }, async () => 'Ollama is running')
  }
  server.get('/ollama', { schema: { summary: 'What Ollama answers to those who look for it', tags } }, async () => 'Ollama is running')
  server.get('/ollama/api/version', { schema: { summary: "Version of Ollama's API that these routes speak", tags, response: { 200: z.strictObject({ version: z.string() }) } } }, async () => ({ version: OLLAMA_API_VERSION }))
  server.get('/ollama/api/tags', { schema: { summary: "Models in Ollama's format", tags, response: { 200: OllamaTags } } }, async () => ({
    models: (await models.list()).map((model) => toOllamaModel(model, modifiedAt)),
  }))
  server.get('/ollama/api/ps', { schema: { summary: 'Models that are loaded', tags, response: { 200: OllamaRunning } } }, async () => ({
    models: (await models.list()).filter((model) => model.loaded).map((model) => ({
      ...toOllamaModel(model, modifiedAt),
      size_vram: model.card?.weightBytes ?? 0,
      expires_at: new Date(clock.now() + UNLOADED_AFTER_MS).toISOString(),
      context_length: model.contextTokens ?? model.card?.contextTokens ?? 0,
    })),
  }))
  server.post(
    '/ollama/api/show',
    {
      config,
      schema: { summary: 'One model', tags, body: z.looseObject({ model: z.string().optional(), name: z.string().optional() }), response: { 200: OllamaShow, ...failures } },
    },
    async (request) => {
      const name = modelName(request.body.model ?? request.body.name ?? '')
      const model = (await models.list()).find((candidate) => isNamed(candidate, name))
      if (!model) throw new ApiError(404, 'model_not_found', `model '${name}' not found`, { param: 'model' })
      const parameters = `num_ctx ${model.contextTokens ?? model.card?.contextTokens ?? 0}`
      return {
        license: '',
        modelfile: `FROM ${model.modelId}\nPARAMETER ${parameters}\n`,
        parameters,
        template: '{{ .Prompt }}',
        system: '',
        modified_at: modifiedAt,
        details: toDetails(model),
        model_info: toModelInfo(model),
        capabilities: modelCapabilities(),
      }
    },
  )
}
