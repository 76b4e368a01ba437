import { fastifySwagger } from '@fastify/swagger'
import { fastify } from 'fastify'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { jsonSchemaTransform, serializerCompiler } from 'fastify-type-provider-zod'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { hostname } from 'node:os'
import { AppError } from '../shared/app-error.ts'
import type { ApiDependencies, ApiOptions } from './api-dependencies.ts'
import { ApiError, errorBody } from './api-error.ts'
import type { ApiContext, ApiServer } from './api-server.ts'
import { acceptBodies } from './bodies/accept-bodies.ts'
import { ConnectionPlaces } from './access/connection-places.ts'
import { TokenGuesses } from './access/token-guesses.ts'
import { BodyChecker } from './bodies/body-checker.ts'
import { ChatAnswers } from './chats/chat-answers.ts'
import { ChatBook } from './chats/chat-book.ts'
import { deriveRequest } from './derived/derive-request.ts'
import { registerDashboard } from './dashboard/register-dashboard.ts'
import type { GuardedRequest } from './routes/guard-request.ts'
import { ClusterActivity } from './events/cluster-activity.ts'
import { acceptEvents } from './events/accept-events.ts'
import { StateFeed } from './events/state-feed.ts'
import { answerClientError } from './routes/answer-client-error.ts'
import { documentedRoute } from './routes/documented-schema.ts'
import { guardRequest } from './routes/guard-request.ts'
import { keepOf } from './prompt/keep-of.ts'
import { modelNamed, weightsOf } from './models/model-named.ts'
import { nearRoutes } from './routes/near-routes.ts'
import { standInFor } from './models/stand-in.ts'
import { surfaceErrorBody } from './surface-error-body.ts'
import { OpenCalls } from './sending/open-calls.ts'
import { registerRoutes } from './register-routes.ts'
import { RouteTable } from './routes/route-table.ts'
import { routedUrl } from './routes/routed-url.ts'
import { type RunningRequest, RunningRequests } from './answer/running-requests.ts'
import { toApiError } from './to-api-error.ts'

const BODY_LIMIT_BYTES = 16 * 2 ** 20
const KEEP_ALIVE_MS = 5_000
const STALLED_CLIENT_MS = 5 * 60_000
/** While draining, running requests can still be cancelled and the node's health can be checked. */
const isTakenWhileDraining = (path: string): boolean => path === '/healthz' || path.startsWith('/v1/cancel/')
const CLIENT_REQUEST_ID = /^[\w.:-]{1,128}$/

export interface Api {
  /** Port 0: any free port. Returns the actual port. */
  listen(address: { host: string; port: number }): Promise<{ host: string; port: number }>
  /** Refuses new requests and waits for running ones, at most `limitMs`. */
  drain(limitMs: number): Promise<void>
  /** Ends running requests, notifies their clients, and releases the port. */
  close(): Promise<void>
}

/** Builds the HTTP API on top of its ports. It does not listen until `listen` is called. */
export async function createApi(dependencies: ApiDependencies, options: ApiOptions): Promise<Api> {
  const calls = new OpenCalls(dependencies.timers)
  const bodies = options.bodyThreadEntry === undefined ? null : new BodyChecker(options.bodyThreadEntry, dependencies.timers)
  const running = new RunningRequests(dependencies.inference, (request) => deriveRequest(dependencies.models, request))
  const routes = new RouteTable()
  let listenHost: string | null = null
  let places: ConnectionPlaces | null = null
  const { log } = dependencies
  const guesses = new TokenGuesses(dependencies)
  const guard = (request: GuardedRequest): string | null =>
    guardRequest(request, {
      listenHost,
      machineName: hostname(),
      apiToken: options.apiToken,
      trustsOwnMachine: options.trustsOwnMachine ?? false,
      rightsOf: (token) => dependencies.tokens.rightsOf(token),
      guesses,
      allowedOrigins: options.allowedOrigins ?? [],
      allowedHosts: options.allowedHosts ?? [],
    })

  const server: ApiServer = fastify({
    forceCloseConnections: true,
    clientErrorHandler: answerClientError,
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

  server.setSerializerCompiler(serializerCompiler)

  acceptBodies(server, options.bodyLimitBytes ?? BODY_LIMIT_BYTES, bodies)

  server.addHook('onRequest', async (request, reply) => {
    reply.headers({ 'x-request-id': request.id, 'request-id': request.id })
    const path = request.url.split('?', 1)[0] ?? ''
    const corsOrigin = guard({ method: request.method, path, headers: request.headers, address: request.socket.remoteAddress ?? '' })
    if (places?.isSurplus(request.socket) === true) {
      reply.header('connection', 'close')
      if (path !== '/healthz')
        throw new AppError(
          'too-many-connections',
          'All connections that this node may open are in use. Retry in a moment, or raise the limit (ulimit -n) and restart the node.',
        )
    }
    if (calls.isDraining && !isTakenWhileDraining(path)) {
      reply.header('connection', 'close')
      throw new AppError(
        'node-stopping',
        'This node is stopping and accepts no new requests. Use another node, or retry once it has restarted.',
      )
    }
    if (corsOrigin === null) return
    reply.headers({
      'access-control-allow-origin': corsOrigin,
      vary: 'origin',
      'access-control-expose-headers': 'x-request-id, retry-after',
    })
    if (request.method !== 'OPTIONS') return
    const asked = request.headers['access-control-request-headers']
    const granted = {
      'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
      'access-control-max-age': '600',
      ...(asked ? { 'access-control-allow-headers': asked } : {}),
    }
    await reply.headers(granted).status(204).send()
  })
  server.addHook('preHandler', async (request, reply) => {
    const { body } = request
    if (
      !request.routeOptions.config.lenient ||
      request.routeOptions.config.isNameMeant === true ||
      typeof body !== 'object' ||
      body === null ||
      !('model' in body) ||
      typeof body.model !== 'string'
    )
      return
    const model = await standInFor(body.model, dependencies.models, options.cloudNames ?? true, request.routeOptions.config.needs)
    if (model === null) return
    log.info('another model answers in place of the requested one', { asked: body.model, model, requestId: request.id })
    reply.header('x-exo-model', model)
    body.model = model
  })
  server.addHook('onRoute', (route) => routes.add(route.method, route.url))
  server.addHook('onResponse', async (request, reply) => {
    if (reply.statusCode >= 400) dependencies.metrics.countRefusedRequest(reply.statusCode)
    log.debug('request', {
      method: request.method,
      route: request.routeOptions.url ?? null,
      status: reply.statusCode,
      durationMs: reply.elapsedTime,
      requestId: request.id,
    })
  })

  const answerUnrouted = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const path = request.url.split('?', 1)[0] ?? ''
    const methods = routes.methodsOf(path)
    const apiError =
      methods.length === 0
        ? new ApiError(
            404,
            'unknown_route',
            `There is no route ${request.method} ${path}.${nearRoutes(path, routes.paths())} GET /openapi.json lists all routes.`,
          )
        : new ApiError(405, 'method_not_allowed', `${path} supports ${methods.join(', ')}, not ${request.method}.`)
    if (methods.length > 0) reply.header('allow', methods.join(', '))
    if (methods.length > 0 && request.method === 'OPTIONS') return reply.status(204).send()
    return reply.status(apiError.status).send(surfaceErrorBody(path, request.headers, request.id)(apiError))
  }
  // A parameter must not stand for the name of another route: DELETE /chats/export deletes no chat.
  server.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.url?.includes(':') && routes.has(request.url.split('?', 1)[0] ?? '')) await answerUnrouted(request, reply)
  })
  server.setErrorHandler((error, request, reply) => {
    // For methods that no route accepts, such as QUERY.
    if ((error as { code?: string }).code?.startsWith('FST_ERR_ROUTE_') === true) return answerUnrouted(request, reply)
    const apiError = toApiError(error)
    if (apiError.status === 500) log.error('request failed', { route: request.routeOptions.url ?? null, requestId: request.id, error })
    if (apiError.retryAfterS !== null) reply.header('retry-after', String(apiError.retryAfterS))
    if (apiError.status === 401) reply.header('www-authenticate', 'Bearer')
    const body = (
      request.routeOptions.config.errorBody ?? surfaceErrorBody(request.url.split('?', 1)[0] ?? '', request.headers, request.id)
    )(apiError)
    return reply.status(apiError.status).send(body)
  })
  server.setNotFoundHandler((request, reply) => answerUnrouted(request, reply))

  await server.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'exo', description: 'OpenAI-compatible inference on a cluster of Macs.', version: options.version },
    },
    transform: (route) => {
      const { schema, url } = jsonSchemaTransform(route)
      return { schema: documentedRoute(schema as Parameters<typeof documentedRoute>[0], url) as typeof schema, url }
    },
  })

  const keepAsked = async (body: unknown, keepMs: number | null): Promise<void> => {
    const { model } = body as { readonly model?: unknown }
    if (typeof model === 'string') dependencies.cluster.keepModel(weightsOf(await modelNamed(dependencies.models, model)) ?? model, keepMs)
  }
  /** The request can be found by its ids while `work` runs. Afterwards its model stays loaded as long as the request asks. */
  const answering = async <T>(ids: readonly string[], reply: FastifyReply, work: (request: RunningRequest) => Promise<T>): Promise<T> => {
    const { body, toolTexts } = reply.request
    const keepMs = keepOf(body)
    const request = running.start(ids, toolTexts)
    log.debug('answer begun', { answerId: ids[0], requestId: ids[1] })
    try {
      return await work(request)
    } finally {
      request.end()
      if (keepMs !== undefined)
        await keepAsked(body, keepMs).catch((error: unknown) =>
          log.error('could not record how long to keep a model loaded', { requestId: reply.request.id, error }),
        )
    }
  }
  const now = (): number => dependencies.clock.epochMs()
  const book = new ChatBook(dependencies.chatFiles, { now, log })
  const answers = new ChatAnswers(book, { timers: dependencies.timers, now, log })
  const activity = new ClusterActivity({ ...dependencies, journal: dependencies.activityJournal, now })
  const context: ApiContext = {
    ...dependencies,
    chats: { book, answers },
    activity,
    version: options.version,
    keepAliveMs: options.keepAliveMs ?? KEEP_ALIVE_MS,
    stalledClientMs: options.stalledClientMs ?? STALLED_CLIENT_MS,
    refuseMoreInBackground: () => calls.refuseMoreDetached(),
    cancel: (id) => running.cancel(id),
    inferenceOf: (id) => running.inferenceOf(id),
    answersOf: (names) => running.answersOf(names),
    run: async (ids, reply, work) => answering(ids, reply, (request) => calls.run(reply, (signal) => work(request, signal))),
    runInBackground: (ids, reply, work) => {
      calls.refuseMoreDetached()
      void answering(ids, reply, (request) => calls.runDetached((signal) => work(request, signal))).catch((error: unknown) =>
        log.error('a background response failed', { answerId: ids[0], error }),
      )
    },
  }
  registerRoutes(server, context)
  if (options.dashboardDir !== undefined) await registerDashboard(server, options.dashboardDir)
  server.get('/openapi.json', { schema: { hide: true } }, async () => server.swagger())
  const feed = new StateFeed({ ...dependencies, chats: book })
  await server.ready()
  acceptEvents(server.server, feed, guard)

  return {
    async listen({ host, port }) {
      listenHost = host
      if (options.mostConnections) places = new ConnectionPlaces(server.server, options.mostConnections())
      await server.listen({ host, port }).catch((cause: NodeJS.ErrnoException) => {
        throw listenError(cause, host, port)
      })
      const address = server.server.address()
      return { host, port: typeof address === 'object' && address !== null ? address.port : port }
    },
    async drain(limitMs) {
      log.info('no new requests are accepted; running requests may finish', { running: calls.size, limitMs })
      await calls.drain(limitMs)
    },
    async close() {
      await calls.end()
      await answers.close()
      feed.close()
      activity.close()
      await server.close()
      await bodies?.close()
    },
  }
}

function listenError(cause: NodeJS.ErrnoException, host: string, port: number): AppError {
  if (cause.code === 'EADDRINUSE')
    return new AppError(
      'port-in-use',
      `Port ${port} is in use. Stop the program that uses it, or choose another port with --port (0: any free port).`,
      { host, port },
      cause,
    )
  if (cause.code === 'EACCES')
    return new AppError(
      'port-forbidden',
      `This user may not open port ${port}. Choose a port above 1023 with --port.`,
      { host, port },
      cause,
    )
  return new AppError('cannot-listen', `The API cannot listen on ${host}:${port}: ${cause.message}.`, { host, port }, cause)
}
