import type { FastifyBaseLogger, FastifyInstance, FastifyReply, RawServerDefault } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ApiDependencies, ApiOptions } from './api-dependencies.ts'
import type { ApiError } from './api-error.ts'
import type { ToolTexts } from './bodies/tool-texts.ts'
import type { RunningRequest } from './answer/running-requests.ts'

/** Fastify, with zod schemas as the types of its handlers. */
export type ApiServer = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, FastifyBaseLogger, ZodTypeProvider>

declare module 'fastify' {
  interface FastifyRequest {
    /** Of a body with tools. */
    toolTexts?: ToolTexts
  }
  interface FastifyContextConfig {
    /** The shape of this route's errors; OpenAI's where it is left out. */
    errorBody?: (error: ApiError) => unknown
    /** A body of any type and size is read and dropped. */
    takesAnyBody?: boolean
    /** Brings what clients send into the shape of this route's schema, before that is asked. */
    lenient?: (body: unknown) => unknown
    /** Its `model` is a name to give or to take, for which no other stands in. */
    isNameMeant?: boolean
  }
}

/** What the routes share. */
export interface ApiContext extends Omit<ApiDependencies, 'inference'>, Pick<ApiOptions, 'version'> {
  readonly keepAliveMs: number
  readonly stalledClientMs: number
  /** Runs inference for one request, known by `ids` while it lasts. The signal aborts when its client hangs up or the API closes. */
  run<T>(ids: readonly string[], reply: FastifyReply, work: (running: RunningRequest, signal: AbortSignal) => Promise<T>): Promise<T>
  /**
   * Runs inference that goes on when the client of `reply` hangs up, until the node stops.
   *
   * @throws AppError `engine-busy` where too many do already
   */
  runInBackground(ids: readonly string[], reply: FastifyReply, work: (running: RunningRequest, signal: AbortSignal) => Promise<void>): void
  cancel(id: string): boolean
  /** The id of a request's inference, by its answer's id or its `x-request-id`. */
  inferenceOf(id: string): string
}
