import { z } from 'zod'
import { DownloadReport, HubRevision, MAIN_REVISION } from '../../shared/models/download.ts'
import { HubHit } from '../../shared/models/hub-hit.ts'
import { ModelCapability } from '../../shared/models/model-capability.ts'
import { ModelSettings } from '../../shared/models/model-settings.ts'
import { ModelCard } from '../../shared/models/model-card.ts'
import { ExpectedSpeed, MOST_EXPECTED } from '../../shared/speed/expected-speed.ts'
import { ErrorBody } from '../../shared/wire/api/openai.ts'
import { WireModel } from '../../shared/wire/api/openai-models.ts'
import { modelCapabilities } from './model-capabilities.ts'
import type { ApiContext, ApiServer } from '../api-server.ts'
import { toWireModel } from './to-wire-model.ts'

const tags = ['models']
const failures = { '4xx': ErrorBody, '5xx': ErrorBody }

const ModelListing = z.object({
  modelId: z.string(),
  aliases: z.array(z.string()),
  loaded: z.boolean(),
  /** Of the loaded model. */
  contextTokens: z.number().optional(),
  card: ModelCard.optional(),
  /** `cluster`: the card is the word of a member, and no complete model on this machine confirms it. */
  origin: z.literal('cluster').optional(),
})
/** `madeFrom`: the base model of a derived model. */
const CatalogueListing = ModelListing.extend({
  isHere: z.boolean(),
  isOurs: z.boolean(),
  capabilities: z.array(ModelCapability),
  madeFrom: z.string().optional(),
})
/** `isSupported`: exo knows this kind of model; null: the hub does not tell its kind. */
const HubListing = HubHit.extend({ isSupported: z.boolean().nullable() })
const DownloadParams = z.object({ id: z.string().max(64) })

/** The routes that list, download and delete models. */
export function registerModels(server: ApiServer, { cluster, models, modelSettings, downloads, clock, timers }: ApiContext): void {
  const startedS = Math.floor(clock.epochMs() / 1000)
  server.get(
    '/models',
    {
      schema: {
        summary: 'The models of this node, with their cards; `data` lists them as /v1/models does',
        tags,
        response: { 200: z.strictObject({ models: z.array(ModelListing), object: z.literal('list'), data: z.array(WireModel) }) },
      },
    },
    async () => {
      const here = await models.list()
      return {
        models: here.map((model) => ({ ...model, aliases: [...model.aliases] })),
        // A client of OpenAI's API whose address lacks `/v1` asks here.
        object: 'list' as const,
        data: here.map((model) => toWireModel(model, startedS)),
      }
    },
  )

  server.get(
    '/models/catalogue',
    {
      schema: {
        summary: 'The models of this node and of the built-in catalogue',
        tags,
        response: { 200: z.strictObject({ models: z.array(CatalogueListing) }), ...failures },
      },
    },
    async () => ({
      models: (await models.catalogue()).map((model) => ({
        ...model,
        aliases: [...model.aliases],
        capabilities: modelCapabilities(model),
        ...(model.derived ? { madeFrom: model.derived.from } : {}),
      })),
    }),
  )

  server.post(
    '/models/speeds',
    {
      schema: {
        summary:
          'How fast models of the catalogue would answer on this cluster if they were loaded now, by model id; without those that do ' +
          'not fit or whose speed is unknown',
        tags,
        body: z.strictObject({ models: z.array(z.string().min(1).max(1024)).max(MOST_EXPECTED) }),
        response: { 200: z.strictObject({ speeds: z.record(z.string(), ExpectedSpeed) }), ...failures },
      },
    },
    async ({ body }) => {
      const asked = new Set(body.models)
      const speeds: [string, ExpectedSpeed][] = []
      for (const { modelId, card } of await models.catalogue()) {
        if (card === undefined || !asked.has(modelId)) continue
        const speed = await cluster.expectedSpeed(card)
        if (speed) speeds.push([modelId, speed])
        // A placement in a large cluster takes up to 0.1 s; tokens of other requests go out in between.
        await timers.sleep(0)
      }
      return { speeds: Object.fromEntries(speeds) }
    },
  )

  server.get(
    '/models/hub',
    {
      schema: {
        summary: 'Models of Hugging Face by words, most downloaded first; without words, those that are popular now',
        tags,
        querystring: z.object({
          search: z.string().max(256).default(''),
          limit: z.coerce.number().int().min(1).max(100).default(20),
        }),
        response: { 200: z.strictObject({ models: z.array(HubListing) }), ...failures },
      },
    },
    async ({ query }) => ({
      models: (await models.searchHub(query.search, query.limit)).map((hit) => ({
        ...hit,
        isSupported: hit.family === null ? null : models.isSupported(hit.family),
      })),
    }),
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
        summary: "The user's settings per model, by model id",
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
          'Replace the default settings of a model for requests that do not set them; an empty object clears ' +
          'them. The context applies from the next load',
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
          'Start the download of a model to a node of the cluster, from its peers and from Hugging Face. `download` is null ' +
          'if the node already has the model',
        tags,
        body: z.strictObject({
          model: z.string().min(1).max(1024),
          revision: HubRevision.default(MAIN_REVISION),
          /** The name or id of the node; omitted: this node. */
          node: z.string().min(1).max(256).nullish(),
        }),
        response: { 200: z.strictObject({ modelId: z.string(), download: DownloadReport.nullable() }), ...failures },
      },
    },
    async ({ body }) => downloads.start(body.model, body.revision, body.node ?? null),
  )

  server.get(
    '/models/download/:id',
    {
      schema: {
        summary: 'One download; completed downloads are kept for a while',
        tags,
        params: DownloadParams,
        response: { 200: DownloadReport, ...failures },
      },
    },
    async ({ params }) => downloads.find(params.id),
  )

  for (const act of ['pause', 'resume'] as const) {
    const summary = act === 'pause' ? 'Pause a download; the data received so far is kept' : 'Resume a paused or failed download'
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
        summary: 'Cancel a download; the data received so far stays on disk for the next attempt',
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
