import type { FastifyBaseLogger, FastifyInstance, FastifyReply, RawServerDefault } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ApiDependencies, ApiOptions } from './api-dependencies.ts'
import type { ModelCapability } from '../shared/models/model-capability.ts'
import type { ApiError } from './api-error.ts'
import type { ClusterActivity } from './events/cluster-activity.ts'
import type { ToolTexts } from './bodies/tool-texts.ts'
import type { RunningRequest } from './answer/running-requests.ts'
import type { ChatAnswers } from './chats/chat-answers.ts'
import type { ChatBook } from './chats/chat-book.ts'

/** Fastify with zod schemas as the types of its handlers. */
export type ApiServer = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, FastifyBaseLogger, ZodTypeProvider>

declare module 'fastify' {
  interface FastifyRequest {
    /** The texts of the tools in a request body. */
    toolTexts?: ToolTexts
  }
  interface FastifyContextConfig {
    /** The format of this route's errors; OpenAI's if omitted. */
    errorBody?: (error: ApiError) => unknown
    /** A body of any type and size is accepted and discarded. */
    takesAnyBody?: boolean
    /** Converts the bodies that clients send to the shape of this route's schema, before validation. */
    lenient?: (body: unknown) => unknown
    /** Its `model` is a name to assign or remove, so no other model may stand in for it. */
    isNameMeant?: boolean
    /** What a model must be able to do to stand in for the requested one; `completion` if omitted. */
    needs?: ModelCapability
  }
}

/** State shared by the routes. */
export interface ApiContext extends Omit<ApiDependencies, 'inference' | 'chatFiles'>, Pick<ApiOptions, 'version'> {
  readonly chats: { readonly book: ChatBook; readonly answers: ChatAnswers }
  readonly activity: ClusterActivity
  readonly keepAliveMs: number
  readonly stalledClientMs: number
  /**
   * Runs inference for one request, which can be found by `ids` while it runs. The signal aborts when its client
   * disconnects or the API closes.
   */
  run<T>(ids: readonly string[], reply: FastifyReply, work: (running: RunningRequest, signal: AbortSignal) => Promise<T>): Promise<T>
  /**
   * Runs inference that continues when the client of `reply` disconnects, until the node stops.
   *
   * @throws AppError `engine-busy` if too many are already running
   */
  runInBackground(ids: readonly string[], reply: FastifyReply, work: (running: RunningRequest, signal: AbortSignal) => Promise<void>): void
  /** @throws AppError `engine-busy` if `runInBackground` would refuse */
  refuseMoreInBackground(): void
  cancel(id: string): boolean
  /** The id of a request's inference, found by its answer's id or its `x-request-id`. */
  inferenceOf(id: string): string
  /** How many answers of a model are being written or awaited by this node's clients; `names` are all that it has. */
  answersOf(names: ReadonlySet<string>): number
}
