import { AppError } from '../shared/app-error.ts'
import { ApiError } from './api-error.ts'

/** OpenAI's own code where it has one for the case, else ours in its spelling. */
const BY_APP_CODE: Readonly<Record<string, readonly [status: number, code: string]>> = {
  'model-not-found': [404, 'model_not_found'],
  'model-unsupported': [400, 'model_unsupported'],
  'model-damaged': [400, 'model_damaged'],
  'model-not-ours': [409, 'model_not_ours'],
  'model-in-use': [409, 'model_in_use'],
  'hub-gated': [403, 'model_gated'],
  'hub-token-refused': [403, 'hub_token_refused'],
  'hub-file-not-found': [404, 'model_not_found'],
  'hub-busy': [503, 'hub_busy'],
  'hub-unavailable': [503, 'hub_unavailable'],
  'hub-unreachable': [503, 'hub_unreachable'],
  'hub-offline': [503, 'hub_offline'],
  'disk-full': [503, 'disk_full'],
  'disk-failing': [503, 'disk_failing'],
  'disk-refused': [503, 'disk_refused'],
  'too-many-open-files': [503, 'too_many_open_files'],
  'download-damaged': [503, 'download_damaged'],
  'download-cancelled': [503, 'download_cancelled'],
  'download-not-found': [404, 'download_not_found'],
  'too-many-downloads': [429, 'too_many_downloads'],
  'hub-model-not-found': [404, 'model_not_found'],
  'invalid-request': [400, 'invalid_request'],
  'context-exceeded': [400, 'context_length_exceeded'],
  'draft-unsupported': [400, 'draft_unsupported'],
  'engine-busy': [429, 'engine_busy'],
  'not-enough-memory': [503, 'not_enough_memory'],
  'answer-unfit': [502, 'answer_unfit'],
  'instance-failed': [503, 'instance_failed'],
  'instance-not-found': [404, 'instance_not_found'],
  'instance-recovering': [503, 'instance_recovering'],
  'worker-died': [503, 'instance_failed'],
  'no-leader': [503, 'no_leader'],
  // Of placement: the cluster would have to be another one.
  'no-nodes': [409, 'no_nodes'],
  'not-enough-nodes': [409, 'not_enough_nodes'],
  'not-connected': [409, 'not_connected'],
  'backend-impossible': [409, 'backend_impossible'],
  'strategy-impossible': [409, 'strategy_impossible'],
  // Of the cluster that this node is to join.
  'cluster-key-missing': [403, 'cluster_key_missing'],
  'cluster-key-short': [400, 'cluster_key_short'],
  'cluster-key-wrong': [403, 'cluster_key_wrong'],
  'cluster-unreachable': [503, 'cluster_unreachable'],
  'cluster-not-nearby': [404, 'cluster_not_nearby'],
  'cluster-switching': [503, 'cluster_switching'],
  'cluster-changed': [503, 'cluster_changed'],
  'cluster-has-key': [409, 'cluster_has_key'],
  'newcomer-unknown': [404, 'newcomer_unknown'],
  'member-unknown': [404, 'member_unknown'],
  'name-ambiguous': [409, 'name_ambiguous'],
  'pairing-put-out': [409, 'pairing_put_out'],
  'no-pairing': [409, 'no_pairing'],
  'pairing-busy': [409, 'pairing_busy'],
  'pairing-no-key': [409, 'pairing_no_key'],
  'pairing-other-cluster': [409, 'pairing_other_cluster'],
  'pairing-other-protocol': [409, 'pairing_other_protocol'],
  'pairing-declined': [409, 'pairing_declined'],
  'pairing-timed-out': [408, 'pairing_timed_out'],
  'pairing-too-many-attempts': [429, 'pairing_too_many_attempts'],
  'pairing-broken': [503, 'pairing_broken'],
  'token-name-taken': [409, 'token_name_taken'],
  'token-not-found': [404, 'token_not_found'],
  'too-many-tokens': [409, 'too_many_tokens'],
  'node-stopping': [503, 'node_stopping'],
  cancelled: [400, 'request_cancelled'],
  timeout: [503, 'timeout'],
  'history-off': [503, 'history_off'],
  'history-locked': [503, 'history_locked'],
  'history-busy': [503, 'history_busy'],
  'history-failed': [503, 'history_failed'],
  'history-timeout': [503, 'history_timeout'],
  'query-refused': [400, 'query_refused'],
  'query-failed': [400, 'query_failed'],
}

const BY_FASTIFY_CODE: Readonly<Record<string, readonly [status: number, code: string, message: string]>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [415, 'unsupported_media_type', 'Send the body as application/json.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [400, 'invalid_request', 'The body is not as long as its Content-Length header says.'],
  FST_ERR_BAD_URL: [400, 'invalid_url', 'The URL is malformed.'],
}

function retryAfterS(error: AppError): number | null {
  if (error.code === 'node-stopping') return 10
  if (error.code !== 'engine-busy') return null
  const { retryAfterMs } = error.details
  return typeof retryAfterMs === 'number' ? Math.max(1, Math.ceil(retryAfterMs / 1000)) : 1
}

/**
 * What a client is told of anything that was thrown.
 *
 * The message of an error that is neither an `AppError` nor known of the framework stays in the log: it may hold anything.
 */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  if (error instanceof AppError) return fromAppError(error as AppError)
  const known = BY_FASTIFY_CODE[(error as { code?: string } | null)?.code ?? '']
  if (known) return new ApiError(known[0], known[1], known[2], { cause: error })
  return new ApiError(500, 'internal_error', 'The node met an error of its own. Its log has the details.', { cause: error })
}

function fromAppError(error: AppError): ApiError {
  const [status, code] = BY_APP_CODE[error.code] ?? [500, error.code.replaceAll('-', '_')]
  const { param } = error.details
  const waitS = retryAfterS(error)
  return new ApiError(status, code, error.message, {
    param: typeof param === 'string' ? param : paramOf(error.code),
    ...(waitS === null ? {} : { retryAfterS: waitS }),
    cause: error,
  })
}

function paramOf(appCode: string): string | null {
  if (appCode.startsWith('draft-')) return 'draft_model'
  return appCode.startsWith('model-') ? 'model' : null
}
