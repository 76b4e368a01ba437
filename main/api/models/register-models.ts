import { z } from 'zod'
import { DownloadReport, HubRevision, MAIN_REVISION } from '../../shared/models/download.ts'
import { ModelSettings } from '../../shared/models/model-settings.ts'
import { ModelCard } from '../../shared/models/model-card.ts'
import { ErrorBody } from '../../shared/wire/api/openai.ts'
import type { ApiContext, ApiServer } from '../api-server.ts'

const tags = ['models']
const failures = { '4xx': ErrorBody, '5xx': ErrorBody }

const ModelListing = z.object({ modelId: z.string(), aliases: z.array(z.string()), loaded: z.boolean(), card: ModelCard.optional() })
const CatalogueListing = ModelListing.extend({ isHere: z.boolean(), isOurs: z.boolean() })
const DownloadParams = z.object({ id: z.string().max(64) })

/** The models of the cluster, and their way to this node. */
export function registerModels(server: ApiServer, { models, modelSettings, downloads }: ApiContext): void {
  server.get(
    '/models',
    {
      schema: {
        summary: 'Models that this node knows, with their cards',
        tags,
        response: { 200: z.strictObject({ models: z.array(ModelListing) }) },
      },
    },
    async () => ({ models: (await models.list()).map((model) => ({ ...model, aliases: [...model.aliases] })) }),
  )

  server.get(
    '/models/catalogue',
    {
      schema: {
        summary: 'Those, and the models that this program knows of and this node does not have yet',
        tags,
        response: { 200: z.strictObject({ models: z.array(CatalogueListing) }), ...failures },
      },
    },
    async () => ({ models: (await models.catalogue()).map((model) => ({ ...model, aliases: [...model.aliases] })) }),
  )

  server.delete(
    '/models',
    {
      schema: {
        summary: "Delete a model's files from this node",
        tags,
        querystring: z.object({ model: z.string().min(1).max(1024) }),
        response: { 200: z.strictObject({ modelId: z.string(), deleted: z.literal(true) }), ...failures },
      },
    },
    async ({ query }) => ({ modelId: (await models.remove(query.model)).modelId, deleted: true as const }),
  )

  server.get(
    '/models/settings',
    {
      schema: {
        summary: 'What the user has set for single models, by their ids',
        tags,
        response: { 200: z.strictObject({ settings: z.record(z.string(), ModelSettings) }), ...failures },
      },
    },
    async () => ({ settings: await modelSettings.all() }),
  )

  server.put(
    '/models/settings',
    {
      schema: {
        summary:
          'Set how a model answers where a request does not say, in place of what was set; an empty object takes it back. Its context counts from its next load on',
        tags,
        querystring: z.object({ model: z.string().min(1).max(1024) }),
        body: ModelSettings,
        response: { 200: z.strictObject({ modelId: z.string(), settings: ModelSettings }), ...failures },
      },
    },
    async ({ query, body }) => modelSettings.set(query.model, body),
  )

  server.post(
    '/models/download',
    {
      schema: {
        summary:
          'Bring a model to this node, from the nodes that have it and from the hub; answers at once. download is null where it is here already',
        tags,
        body: z.strictObject({ model: z.string().min(1).max(1024), revision: HubRevision.default(MAIN_REVISION) }),
        response: { 200: z.strictObject({ modelId: z.string(), download: DownloadReport.nullable() }), ...failures },
      },
    },
    async ({ body }) => downloads.start(body.model, body.revision),
  )

  server.get(
    '/models/download/:id',
    {
      schema: {
        summary: 'One download; of those that have ended well, the last few',
        tags,
        params: DownloadParams,
        response: { 200: DownloadReport, ...failures },
      },
    },
    async ({ params }) => downloads.find(params.id),
  )

  for (const act of ['pause', 'resume'] as const) {
    const summary =
      act === 'pause' ? 'Stop a download for a while; what has come is kept' : 'Go on with a download that was paused or has failed'
    server.post(
      `/models/download/:id/${act}`,
      { schema: { summary, tags, params: DownloadParams, response: { 200: DownloadReport, ...failures } } },
      async ({ params }) => downloads[act](params.id),
    )
  }

  server.delete(
    '/models/download/:id',
    {
      schema: {
        summary: 'Give up a download; what has come stays on the disk for a next try',
        tags,
        params: DownloadParams,
        response: { 200: z.strictObject({ id: z.string(), cancelled: z.literal(true) }), ...failures },
      },
    },
    async ({ params }) => {
      await downloads.cancel(params.id)
      return { id: params.id, cancelled: true as const }
    },
  )
}
