import type { FastifyBaseLogger, FastifyInstance, FastifyReply, RawServerDefault } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ApiDependencies, ApiOptions } from './api-dependencies.ts'
import type { RunningRequest } from './running-requests.ts'

/** Fastify, with zod schemas as the types of its handlers. */
export type ApiServer = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, FastifyBaseLogger, ZodTypeProvider>

/** What the routes share. */
export interface ApiContext extends Omit<ApiDependencies, 'inference'>, Pick<ApiOptions, 'version'> {
  readonly keepAliveMs: number
  readonly stalledClientMs: number
  /** Runs inference for one request, known by `ids` while it lasts. The signal aborts when its client hangs up or the API closes. */
  run<T>(ids: readonly string[], reply: FastifyReply, work: (running: RunningRequest, signal: AbortSignal) => Promise<T>): Promise<T>
  cancel(id: string): boolean
}
