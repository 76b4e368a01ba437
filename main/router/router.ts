import type { Clock } from '../platform/clock.ts'
import type { Log } from '../platform/log/log.ts'
import type { Random } from '../platform/random.ts'
import type { InstanceId } from '../shared/ids.ts'
import type { InferenceObserver, InferencePart, InferenceRequest } from '../shared/inference/inference.ts'
import type { InferenceRecord } from '../shared/inference/inference-record.ts'
import type { DraftsPort, InstancesPort, ModelLookup } from './router-ports.ts'

export interface Router {
  /**
   * Answers one request. Parts arrive in the order that `InferencePart` defines; a failure is thrown as an AppError
   * with an `InferenceErrorCode`. `accepted` is held back until the engine has accepted the request, so an error thrown
   * before any part can still become an HTTP status. Leaving the loop or aborting the signal frees the engine's slot at
   * once.
   */
  infer(request: InferenceRequest, signal: AbortSignal): AsyncIterable<InferencePart>
  /** Ends a running request: its choices end as `cancelled`. False if there is no request with that id. */
  cancel(requestId: string): boolean
  /** Requests that are running or waiting. */
  activeRequests(): number
}

export interface RouterLimits {
  /** Time limit to find, load and reach an instance. */
  readonly ensureMs: number
  readonly encodeMs: number
  /** Maximum time without an event from the engine, including the wait for a slot. */
  readonly engineSilenceMs: number
  /** A client that falls this many tokens behind gives up its slot … */
  readonly pauseAtBufferedTokens: number
  /** … and gets one again when it has caught up to this number. */
  readonly goOnAtBufferedTokens: number
  /** A client that reads nothing for this long is disconnected. */
  readonly clientStallMs: number
  /** Failures in a row, without a token in between, after which a request fails. */
  readonly recoveries: number
  /** How long to wait for an instance that is recovering: the loss of a leader takes seconds, regardless of the number of attempts. */
  readonly recoveryWithinMs: number
  readonly recoveryFirstDelayMs: number
  readonly recoveryMaxDelayMs: number
}

export const defaultRouterLimits: RouterLimits = {
  ensureMs: 30 * 60_000,
  encodeMs: 60_000,
  engineSilenceMs: 10 * 60_000,
  pauseAtBufferedTokens: 2048,
  goOnAtBufferedTokens: 256,
  clientStallMs: 5 * 60_000,
  recoveries: 5,
  recoveryWithinMs: 30_000,
  recoveryFirstDelayMs: 100,
  recoveryMaxDelayMs: 5_000,
}

export interface RouterDependencies {
  readonly models: ModelLookup
  readonly instances: InstancesPort
  readonly drafts: DraftsPort
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly limits?: Partial<RouterLimits>
  /** Whether a stream continues after a failure; default: as declared by the instance. */
  readonly resume?: boolean
  /** Called at the first token of an inference. */
  readonly onFirstToken?: (instanceId: InstanceId, ttftMs: number) => void
  /** Called once for each inference. */
  readonly observe?: (request: InferenceRequest) => InferenceObserver
  readonly onInferenceEnd?: (record: InferenceRecord) => void
}
