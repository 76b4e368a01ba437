import { fastifyStatic } from '@fastify/static'
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ApiError } from '../api-error.ts'
import type { ApiServer } from '../api-server.ts'
import { dashboardHeaders, diagramHeaders } from './dashboard-headers.ts'

/** A placeholder that the build puts in the page, filled in for each answer. */
const NONCE_PLACE = '__CSP_NONCE__'
/** File names of assets contain a hash of their content. */
const ASSET_AGE_S = 365 * 24 * 3600

/**
 * Serves the built renderer at `/dashboard`. The page contains no data: it requests all data from the API, with the
 * token if one is set.
 *
 * @param folder - the build folder; if it is missing, the answer says so
 */
export async function registerDashboard(server: ApiServer, folder: string): Promise<void> {
  const readPage = (name: string): Promise<string> =>
    readFile(join(folder, name), 'utf8').catch((cause: unknown) => {
      throw new ApiError(503, 'dashboard_missing', 'The dashboard is not built. Start this node with ./exo, which builds it.', { cause })
    })
  server.get('/dashboard', { schema: { hide: true } }, async (_request, reply) => {
    const page = await readPage('index.html')
    const nonce = randomBytes(16).toString('base64')
    return reply.headers(dashboardHeaders(nonce)).type('text/html; charset=utf-8').send(page.replaceAll(NONCE_PLACE, nonce))
  })
  server.get('/dashboard/diagrams', { schema: { hide: true } }, async (_request, reply) =>
    reply
      .headers(diagramHeaders())
      .type('text/html; charset=utf-8')
      .send(await readPage('diagrams.html')),
  )
  await server.register(async (scope) => {
    // Also checks %2e, for which the file server would return an error of its own.
    scope.addHook('onRequest', async (request) => {
      if (/(?:^|\/)(?:\.|%2e){2}(?:\/|%2f|$)/i.test(request.url.split('?', 1)[0] ?? ''))
        throw new ApiError(404, 'unknown_route', 'The dashboard has no such file.')
    })
    await scope.register(fastifyStatic, {
      root: join(folder, 'assets'),
      prefix: '/dashboard/assets/',
      decorateReply: false,
      index: false,
      preCompressed: true,
      immutable: true,
      maxAge: ASSET_AGE_S * 1000,
      setHeaders: (reply) => {
        reply.header('x-content-type-options', 'nosniff')
      },
    })
  })
}
