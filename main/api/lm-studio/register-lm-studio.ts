import { z } from 'zod'
import { MAIN_REVISION } from '../../shared/models/download.ts'
import {
  LmStudioDownload,
  LmStudioDownloadRequest,
  LmStudioList,
  LmStudioListV0,
  LmStudioLoaded,
  LmStudioLoadRequest,
  LmStudioModelV0,
  LmStudioUnloaded,
  LmStudioUnloadRequest,
} from '../../shared/wire/api/lm-studio.ts'
import { ErrorBody } from '../../shared/wire/api/openai.ts'
import { ApiError } from '../api-error.ts'
import type { ApiContext, ApiServer } from '../api-server.ts'
import { isRecord } from '../lenient/json-record.ts'
import { modelNamed } from '../models/model-named.ts'
import { standInFor } from '../models/stand-in.ts'
import { toWireModel } from '../models/to-wire-model.ts'
import { keepModel } from '../ollama/keep-model.ts'
import { sendWhole } from '../sending/send-whole.ts'
import { toLmStudioDownload } from './to-lm-studio-download.ts'
import { toLmStudioModel, toLmStudioModelV0 } from './to-lm-studio-model.ts'

const tags = ['lm-studio']
const failures = { '4xx': ErrorBody, '5xx': ErrorBody }

/** Some clients call an instance by the name of its model, and some the other way round: here the names are the same. */
function lenientUnload(given: unknown): unknown {
  return isRecord(given) ? { ...given, instance_id: given['instance_id'] ?? given['model'] } : given
}

/**
 * LM Studio's own routes for models. Its clients call them under `/api/v0` and `/api/v1`; its other routes are OpenAI's,
 * and those of chats are in `registerUnserved`.
 */
export function registerLmStudio(server: ApiServer, context: ApiContext): void {
  const startedS = Math.floor(context.clock.epochMs() / 1000)

  server.get(
    '/lm-studio/api/v0/models',
    { schema: { summary: "The models of this node, in LM Studio's format", tags, response: { 200: LmStudioListV0 } } },
    async () => ({ object: 'list' as const, data: (await context.models.list()).map(toLmStudioModelV0) }),
  )

  server.get(
    '/lm-studio/api/v0/models/*',
    {
      schema: {
        summary: "One model, in LM Studio's format",
        tags,
        params: z.object({ '*': z.string() }),
        response: { 200: LmStudioModelV0, ...failures },
      },
    },
    async ({ params: { '*': name } }) => {
      const model = await modelNamed(context.models, (await standInFor(name, context.models, false)) ?? name)
      if (model) return toLmStudioModelV0(model)
      throw new ApiError(404, 'model_not_found', `The model '${name}' does not exist here. GET /v1/models lists the models.`, {
        param: 'model',
      })
    },
  )

  server.get(
    '/lm-studio/api/v1/models',
    { schema: { summary: "The models of this node, in LM Studio's format and in OpenAI's", tags, response: { 200: LmStudioList } } },
    async () => {
      const here = await context.models.list()
      return { models: here.map(toLmStudioModel), object: 'list' as const, data: here.map((model) => toWireModel(model, startedS)) }
    },
  )

  server.post(
    '/lm-studio/api/v1/models/load',
    {
      config: { lenient: (body) => body },
      schema: {
        summary: 'Load a model and wait until it is loaded (LM Studio)',
        tags,
        body: LmStudioLoadRequest,
        response: { 200: LmStudioLoaded, ...failures },
      },
    },
    async (request, reply) => {
      const { model: name, context_length: contextTokens = null, echo_load_config: echoes } = request.body
      const id = `load-${context.newId()}`
      const begunAtMs = context.timers.now()
      return context.run([id, request.id], reply, async (_running, signal) => {
        const load = async (): Promise<z.infer<typeof LmStudioLoaded>> => {
          await keepModel(context, { model: name, keepMs: undefined, contextTokens }, signal)
          const model = await modelNamed(context.models, name)
          const loaded = model === null ? null : toLmStudioModel(model)
          return {
            type: loaded?.type ?? 'llm',
            instance_id: loaded?.key ?? name,
            load_time_seconds: (context.timers.now() - begunAtMs) / 1000,
            status: 'loaded',
            ...(echoes === true ? { load_config: { context_length: loaded?.loaded_instances[0]?.config.context_length ?? 0 } } : {}),
          }
        }
        return sendWhole(reply, load(), context)
      })
    },
  )

  server.post(
    '/lm-studio/api/v1/models/download',
    {
      schema: {
        summary: 'Start the download of a model (LM Studio)',
        tags,
        body: LmStudioDownloadRequest,
        response: { 200: LmStudioDownload, ...failures },
      },
    },
    async ({ body }) => toLmStudioDownload((await context.downloads.start(body.model, MAIN_REVISION, null)).download),
  )

  server.get(
    '/lm-studio/api/v1/models/download/status/:id',
    {
      schema: {
        summary: 'One download (LM Studio)',
        tags,
        params: z.object({ id: z.string().max(64) }),
        response: { 200: LmStudioDownload, ...failures },
      },
    },
    async ({ params }) => toLmStudioDownload(await context.downloads.find(params.id)),
  )

  server.post(
    '/lm-studio/api/v1/models/unload',
    {
      config: { lenient: lenientUnload },
      schema: {
        summary: 'Unload a model (LM Studio)',
        tags,
        body: LmStudioUnloadRequest,
        response: { 200: LmStudioUnloaded, ...failures },
      },
    },
    async (request, reply) => {
      const { instance_id: name } = request.body
      const id = `unload-${context.newId()}`
      return context.run([id, request.id], reply, async (_running, signal) => {
        await keepModel(context, { model: name, keepMs: 0, contextTokens: null }, signal)
        return { instance_id: name }
      })
    },
  )
}
