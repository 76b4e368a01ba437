import { z } from 'zod'
import { ClusterView, InstanceView, LinkView } from '../../shared/cluster-view.ts'
import { WantedKvBits } from '../../shared/models/kv-bits.ts'
import { ParallelStrategy } from '../../shared/models/model-card.ts'
import { OptimizeGoal } from '../../shared/placement.ts'
import { ErrorBody } from '../../shared/wire/api/openai.ts'
import { ApiError } from '../api-error.ts'
import type { ApiContext, ApiServer } from '../api-server.ts'

const tags = ['cluster']
const failures = { '4xx': ErrorBody, '5xx': ErrorBody }
const InstanceParams = z.object({ id: z.string().max(128) })

const PlaceInstanceRequest = z.object({
  model_id: z.string().min(1),
  sharding: ParallelStrategy.nullish(),
  backend: z.enum(['ring', 'jaccl']).nullish(),
  min_nodes: z.int().min(1).nullish(),
  /** Longest sequence; omitted: the model's own limit, or less if memory requires it. */
  context_tokens: z.int().min(1).max(10_000_000).nullish(),
  /** Bits per number of the KV cache: 4, 8, 16, or 32 for as computed; omitted: the model's setting, or --kv-bits. */
  kv_bits: WantedKvBits.nullish(),
  /** A model that proposes continuations, for all requests that name no other. */
  draft_model: z.string().min(1).nullish(),
  /** The only nodes that may hold a part of the model, by name or id. */
  nodes: z.array(z.string().min(1).max(256)).min(1).max(1024).nullish(),
  /** Omitted: as the node is set. */
  optimize: OptimizeGoal.nullish(),
  /** Unload it after this time without a request; omitted: it stays loaded. */
  ttl_seconds: z.int().min(1).max(31_536_000).nullish(),
})

/** An address with a longer query is refused before it is read. */
const MOST_QUERY_LETTERS = 1000

const PreviewQuery = z.object({
  model_id: z.string().min(1),
  context_tokens: z.coerce.number().int().min(1).max(10_000_000).optional(),
  kv_bits: z.enum(['4', '8', '16', '32']).transform(Number).pipe(WantedKvBits).optional(),
  /** The only nodes that may be used, by name or id, separated by commas. */
  nodes: z
    .string()
    .max(MOST_QUERY_LETTERS)
    .regex(/^[^,]+(,[^,]+)*$/)
    .transform((text) => text.split(','))
    .optional(),
})

/** Beside our own, those of vLLM, llama.cpp, SageMaker, LiteLLM and NIM, and those that orchestrators ask. */
const HEALTH_PATHS = [
  '/healthz',
  '/health',
  '/v1/health',
  '/ping',
  '/livez',
  '/readyz',
  '/live',
  '/ready',
  '/health/live',
  '/health/ready',
  '/v1/health/live',
  '/v1/health/ready',
  '/health/liveliness',
  '/health/readiness',
  '/ollama/api/health',
] as const

/** The routes that show and control the cluster. */
export function registerCluster(server: ApiServer, { cluster, version }: ApiContext): void {
  for (const path of HEALTH_PATHS) {
    server.get(
      path,
      { schema: { summary: 'Whether the node is up', tags, response: { 200: z.strictObject({ status: z.literal('ok') }) } } },
      async () => ({ status: 'ok' as const }),
    )
  }
  server.post(
    '/ping',
    {
      config: { takesAnyBody: true },
      schema: { summary: 'Whether the node is up (vLLM)', tags, response: { 200: z.strictObject({ status: z.literal('ok') }) } },
    },
    async () => ({ status: 'ok' as const }),
  )

  server.get(
    '/is_sleeping',
    {
      schema: {
        summary: 'Whether the models sleep (vLLM): never, because a request loads what it needs',
        tags,
        response: { 200: z.strictObject({ is_sleeping: z.literal(false) }) },
      },
    },
    async () => ({ is_sleeping: false as const }),
  )

  server.get(
    '/load',
    {
      schema: {
        summary: "The requests that run or wait, in vLLM's format",
        tags,
        response: { 200: z.strictObject({ server_load: z.int() }) },
      },
    },
    async () => ({
      server_load: Object.values<InstanceView>(cluster.state().instances).reduce(
        (sum, { running = 0, waiting = 0 }) => sum + running + waiting,
        0,
      ),
    }),
  )

  server.get(
    '/version',
    { schema: { summary: 'The version of exo', tags, response: { 200: z.strictObject({ version: z.string() }) } } },
    async () => ({ version }),
  )

  server.get(
    '/node_id',
    { schema: { summary: "The node's id", tags, response: { 200: z.strictObject({ nodeId: z.string() }) } } },
    async () => ({
      nodeId: cluster.nodeId(),
    }),
  )

  server.get('/state', { schema: { summary: 'The cluster as every node sees it', tags, response: { 200: ClusterView } } }, async () =>
    cluster.state(),
  )

  server.get(
    '/events',
    { schema: { summary: 'WebSocket: the state of the cluster, then each change as a JSON patch', tags, response: failures } },
    async (_request, reply) => {
      reply.headers({ upgrade: 'websocket', connection: 'Upgrade' })
      throw new ApiError(426, 'upgrade_required', '/events is a WebSocket.')
    },
  )

  server.get(
    '/peers',
    {
      schema: {
        summary: 'Nodes nearby, in this cluster and in others',
        tags,
        response: { 200: z.strictObject({ peers: z.array(z.record(z.string(), z.unknown())) }) },
      },
    },
    async () => ({ peers: [...cluster.peers()] }),
  )

  server.post(
    '/links/measure',
    {
      schema: {
        summary: 'Measure the throughput between all nodes at every address, up to a second each',
        tags,
        response: { 200: z.strictObject({ links: z.array(LinkView) }), ...failures },
      },
    },
    async () => ({ links: [...(await cluster.measureLinks())] }),
  )

  server.get(
    '/diagnostics',
    {
      schema: {
        summary: 'The facts that exo doctor reads from a running node',
        tags,
        response: { 200: z.record(z.string(), z.unknown()) },
      },
    },
    async () => ({ ...cluster.diagnostics() }),
  )

  server.post(
    '/place_instance',
    {
      schema: {
        summary: 'Place a model on nodes and load it',
        tags,
        body: PlaceInstanceRequest,
        response: { 200: z.looseObject({ instanceId: z.string() }), ...failures },
      },
    },
    async (request) => {
      const {
        model_id: modelId,
        sharding = null,
        backend = null,
        min_nodes: minNodes = null,
        context_tokens: contextTokens = null,
        kv_bits: kvBits = null,
        draft_model: draftModel = null,
        nodes = null,
        optimize = null,
        ttl_seconds: ttlSeconds = null,
      } = request.body
      return cluster.placeInstance({
        modelId,
        sharding,
        backend,
        minNodes,
        contextTokens,
        kvBits,
        draftModel,
        nodes,
        optimize,
        isPinned: ttlSeconds === null,
        keepMs: ttlSeconds === null ? null : ttlSeconds * 1000,
      })
    },
  )

  server.get(
    '/instance/previews',
    {
      schema: {
        summary: 'Possible placements of a model, for each strategy, backend and number of nodes',
        tags,
        querystring: PreviewQuery,
        response: { 200: z.strictObject({ previews: z.array(z.record(z.string(), z.unknown())) }), ...failures },
      },
    },
    async ({ query: { model_id: modelId, context_tokens: contextTokens = null, kv_bits: kvBits = null, nodes = null } }) => ({
      previews: [...(await cluster.previews({ modelId, contextTokens, kvBits, nodes }))],
    }),
  )

  server.get(
    '/instance/:id',
    {
      schema: {
        summary: 'One instance',
        tags,
        params: InstanceParams,
        response: { 200: InstanceView.extend({ instanceId: z.string() }), ...failures },
      },
    },
    async (request) => {
      const { id } = request.params
      const instance = cluster.instance(id)
      if (!instance) throw instanceNotFound(id)
      return { instanceId: id, ...instance }
    },
  )

  server.delete(
    '/instance/:id',
    {
      schema: {
        summary: 'Unload an instance; its running requests fail',
        tags,
        params: InstanceParams,
        response: { 200: z.strictObject({ instanceId: z.string(), deleted: z.literal(true) }), ...failures },
      },
    },
    async (request) => {
      const { id } = request.params
      if (!cluster.instance(id)) throw instanceNotFound(id)
      await cluster.deleteInstance(id)
      return { instanceId: id, deleted: true as const }
    },
  )
}

function instanceNotFound(id: string): ApiError {
  return new ApiError(404, 'instance_not_found', `Instance '${id}' does not exist. GET /state lists the instances.`, { param: 'id' })
}
