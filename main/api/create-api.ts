import { fastifySwagger } from '@fastify/swagger'
import { fastify } from 'fastify'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { jsonSchemaTransform, serializerCompiler } from 'fastify-type-provider-zod'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { z } from 'zod'
import type { IncomingMessage } from 'node:http'
import { hostname } from 'node:os'
import { AppError } from '../shared/app-error.ts'
import type { ApiDependencies, ApiOptions } from './api-dependencies.ts'
import { ApiError, errorBody } from './api-error.ts'
import type { ApiContext, ApiServer } from './api-server.ts'
import { registerAnthropic } from './anthropic/register-anthropic.ts'
import { registerCluster } from './cluster/register-cluster.ts'
import { registerMembership } from './cluster/register-membership.ts'
import { registerDashboard } from './dashboard/register-dashboard.ts'
import { decodeBody } from './decode-body.ts'
import { describeIssue } from './describe-issue.ts'
import { endAtFirstIssue } from './end-at-first-issue.ts'
import type { GuardedRequest } from './guard-request.ts'
import { acceptEvents } from './events/accept-events.ts'
import { StateFeed } from './events/state-feed.ts'
import { guardRequest } from './guard-request.ts'
import { nearRoutes } from './near-routes.ts'
import { surfaceErrorBody } from './surface-error-body.ts'
import { registerNode } from './node/register-node.ts'
import { registerOllama } from './ollama/register-ollama.ts'
import { registerModels } from './models/register-models.ts'
import { registerHistory } from './history/register-history.ts'
import { registerMetrics } from './metrics/register-metrics.ts'
import { registerOpenai } from './openai/register-openai.ts'
import { registerResponses } from './openai/register-responses.ts'
import { parseJsonBody } from './parse-json-body.ts'
import { readBody } from './read-body.ts'
import { registerTokens } from './tokens/register-tokens.ts'
import { registerTrifurcated } from './trifurcated/register-trifurcated.ts'
import { RouteTable } from './route-table.ts'
import { routedUrl } from './routed-url.ts'
import { RunningRequests } from './running-requests.ts'
import { toApiError } from './to-api-error.ts'

const BODY_LIMIT_BYTES = 16 * 2 ** 20
const KEEP_ALIVE_MS = 10_000
const STALLED_CLIENT_MS = 5 * 60_000
/** `curl -d` without a header says form-urlencoded; the body is JSON all the same. */
const JSON_CONTENT_TYPES = /^(application\/([\w.-]+\+)?json|application\/x-www-form-urlencoded|text\/plain)\s*(;|$)/i
const CLIENT_REQUEST_ID = /^[\w.:-]{1,128}$/

export interface Api {
  /** Port 0: any free one. Gives the port that it has. */
  listen(address: { host: string; port: number }): Promise<{ host: string; port: number }>
  /** Ends running requests and lets go of the port. */
  close(): Promise<void>
}

/** Builds the HTTP API over its ports. Nothing listens until `listen`. */
export async function createApi(dependencies: ApiDependencies, options: ApiOptions): Promise<Api> {
  const openCalls = new Set<AbortController>()
  const running = new RunningRequests(dependencies.inference)
  const routes = new RouteTable()
  let listenHost: string | null = null
  const { log } = dependencies
  const guard = (request: GuardedRequest): string | null =>
    guardRequest(request, { listenHost, machineName: options.machineName ?? hostname(), apiToken: options.apiToken, rightsOf: (token) => dependencies.tokens.rightsOf(token), allowedOrigins: options.allowedOrigins ?? [] })

  const server: ApiServer = fastify({
    forceCloseConnections: true,
    rewriteUrl: (request) => routedUrl(request.url ?? '/'),
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 1024 },
    genReqId: (request) => {
      const given = request.headers['x-request-id']
      return typeof given === 'string' && CLIENT_REQUEST_ID.test(given) ? given : dependencies.newId()
    },
    frameworkErrors: (error, _request, reply: FastifyReply) => {
      const apiError = toApiError(error)
      void reply.status(apiError.status).send(errorBody(apiError))
    },
  }).withTypeProvider<ZodTypeProvider>()

  server.setValidatorCompiler(({ schema }) => {
    endAtFirstIssue(schema as z.ZodType)
    return (data) => {
      const result = (schema as z.ZodType).safeParse(data)
      return result.success ? { value: result.data } : { error: describeIssue(result.error) }
    }
  })
  server.setSerializerCompiler(serializerCompiler)

  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', async (request: FastifyRequest, payload: IncomingMessage) => {
    const contentType = request.headers['content-type'] ?? 'application/json'
    const limitBytes = options.bodyLimitBytes ?? BODY_LIMIT_BYTES
    const body = await readBody(payload, request.headers, limitBytes)
    if (!JSON_CONTENT_TYPES.test(contentType)) throw new ApiError(415, 'unsupported_media_type', 'Send the body as application/json.')
    return parseJsonBody(await decodeBody(body, request.headers['content-encoding'], limitBytes))
  })

  server.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
    const path = request.url.split('?', 1)[0] ?? ''
    const corsOrigin = guard({ method: request.method, path, headers: request.headers })
    if (corsOrigin === null) return
    reply.headers({ 'access-control-allow-origin': corsOrigin, vary: 'origin', 'access-control-expose-headers': 'x-request-id, retry-after' })
    if (request.method !== 'OPTIONS') return
    const asked = request.headers['access-control-request-headers']
    const granted = { 'access-control-allow-methods': 'GET, POST, DELETE', 'access-control-max-age': '600', ...(asked ? { 'access-control-allow-headers': asked } : {}) }
    await reply.headers(granted).status(204).send()
  })
  server.addHook('preValidation', async (request) => {
    const { lenient } = request.routeOptions.config
    if (lenient && request.body !== undefined) request.body = lenient(request.body)
  })
  server.addHook('onRoute', (route) => routes.add(route.method, route.url))
  server.addHook('onResponse', async (request, reply) => {
    if (reply.statusCode >= 400) dependencies.metrics.countRefusedRequest(reply.statusCode)
    log.debug('request', { method: request.method, route: request.routeOptions.url ?? null, status: reply.statusCode, durationMs: reply.elapsedTime, requestId: request.id })
  })

  server.setErrorHandler((error, request, reply) => {
    const apiError = toApiError(error)
    if (apiError.status === 500) log.error('request failed', { route: request.routeOptions.url ?? null, requestId: request.id, error })
    if (apiError.retryAfterS !== null) reply.header('retry-after', String(apiError.retryAfterS))
    if (apiError.status === 401) reply.header('www-authenticate', 'Bearer')
    const body = (request.routeOptions.config.errorBody ?? surfaceErrorBody(request.url.split('?', 1)[0] ?? ''))(apiError)
    return reply.status(apiError.status).send(body)
  })
  server.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? ''
    const methods = routes.methodsOf(path)
    const apiError =
      methods.length === 0
        ? new ApiError(404, 'unknown_route', `There is no route ${request.method} ${path}.${nearRoutes(path, routes.paths())} GET /openapi.json lists those that are.`)
        : new ApiError(405, 'method_not_allowed', `${path} takes ${methods.join(', ')}, not ${request.method}.`)
    if (methods.length > 0) reply.header('allow', methods.join(', '))
    return reply.status(apiError.status).send(surfaceErrorBody(path)(apiError))
  })

  await server.register(fastifySwagger, {
    openapi: { openapi: '3.1.0', info: { title: 'exo', description: 'OpenAI-compatible inference on a cluster of Macs.', version: options.version } },
    transform: jsonSchemaTransform,
  })

  const context: ApiContext = {
    ...dependencies,
    version: options.version,
    keepAliveMs: options.keepAliveMs ?? KEEP_ALIVE_MS,
    stalledClientMs: options.stalledClientMs ?? STALLED_CLIENT_MS,
    cancel: (id) => running.cancel(id),
    inferenceOf: (id) => running.inferenceOf(id),
    async run(ids, reply, work) {
      const request = running.start(ids)
      log.debug('answer begun', { answerId: ids[0], requestId: ids[1] })
      const call = new AbortController()
      const onClose = (): void => {
        if (!reply.raw.writableFinished) call.abort(new AppError('cancelled', 'The client hung up.'))
      }
      reply.raw.once('close', onClose)
      if (reply.raw.destroyed) onClose()
      openCalls.add(call)
      try {
        return await work(request, call.signal)
      } finally {
        openCalls.delete(call)
        reply.raw.off('close', onClose)
        request.end()
      }
    },
  }
  registerOpenai(server, context)
  registerResponses(server, context)
  registerAnthropic(server, context)
  registerOllama(server, context)
  registerTrifurcated(server, context)
  registerCluster(server, context)
  registerModels(server, context)
  registerMembership(server, context)
  registerNode(server, context)
  registerTokens(server, context)
  registerHistory(server, context)
  registerMetrics(server, context)
  if (options.dashboardDir !== undefined) await registerDashboard(server, options.dashboardDir)
  server.get('/openapi.json', { schema: { hide: true } }, async () => server.swagger())
  const feed = new StateFeed(dependencies.cluster, dependencies.membership)
  await server.ready()
  acceptEvents(server.server, feed, guard)

  return {
    async listen({ host, port }) {
      listenHost = host
      await server.listen({ host, port }).catch((cause: NodeJS.ErrnoException) => {
        throw listenError(cause, host, port)
      })
      const address = server.server.address()
      return { host, port: typeof address === 'object' && address !== null ? address.port : port }
    },
    async close() {
      for (const call of openCalls) call.abort(new AppError('cancelled', 'The node is stopping.'))
      feed.close()
      await server.close()
    },
  }
}

function listenError(cause: NodeJS.ErrnoException, host: string, port: number): AppError {
  if (cause.code === 'EADDRINUSE') return new AppError('port-in-use', `Port ${port} is taken. Stop what uses it, or choose another with --port (0: any free one).`, { host, port }, cause)
  if (cause.code === 'EACCES') return new AppError('port-forbidden', `Port ${port} needs rights that this user lacks. Choose one above 1023 with --port.`, { host, port }, cause)
  return new AppError('cannot-listen', `The API cannot listen on ${host}:${port}: ${cause.message}.`, { host, port }, cause)
}
