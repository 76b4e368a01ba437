import type { z } from 'zod'
import type { ApiContext, ApiServer } from '../api-server.ts'
import { registerRoutes } from '../register-routes.ts'

/** How a route's body is validated and converted before its handler sees it. */
export interface BodyRoute {
  readonly schema: z.ZodType
  readonly lenient: (body: unknown) => unknown
}

interface RouteOptions {
  readonly config?: { readonly lenient?: (body: unknown) => unknown }
  readonly schema?: { readonly body?: z.ZodType }
}

/** The schema of each route that takes a body, by path. The routes register with a recorder instead of a server. */
export function bodyRoutes(): ReadonlyMap<string, BodyRoute> {
  const routes = new Map<string, BodyRoute>()
  const note = (path: string, { config, schema }: RouteOptions): void => {
    if (schema?.body) routes.set(path, { schema: schema.body, lenient: config?.lenient ?? ((body) => body) })
  }
  const ignore = (): void => undefined
  const recorder = { get: ignore, head: ignore, post: note, delete: note, put: note, patch: note }
  registerRoutes(recorder as unknown as ApiServer, { clock: { epochMs: () => 0 } } as unknown as ApiContext)
  return routes
}
