import { AppError, errorCode } from '../../shared/app-error.ts'
import { type ErrorCode, errorFacts, hasTrait } from '../../shared/error-codes.ts'

/** A server that asks for a longer wait has in effect refused. */
const LONGEST_WAIT_MS = 5 * 60_000

/** The facts about an unsuccessful answer. */
export interface RefusedAnswer {
  readonly status: number
  header(name: string): string | null
}

export interface RefusedRequest {
  readonly endpoint: string
  /** The model or other resource that was requested. */
  readonly subject: string
  readonly hasToken: boolean
  /** The token was withheld because only another node has requested the model. */
  readonly isWithheld?: boolean
  readonly nowEpochMs: number
}

/** Explains what went wrong at the hub and what to do about it. */
export function hubError(answer: RefusedAnswer, request: RefusedRequest): AppError {
  const { status } = answer
  const { endpoint, subject, hasToken, isWithheld = false } = request
  const reason = answer.header('x-error-code')
  const failure = (code: ErrorCode, message: string, details: Readonly<Record<string, unknown>> = {}): AppError =>
    new AppError(code, message, { status, subject, ...details })

  if (reason === 'GatedRepo' || (status === 403 && reason === null)) {
    const accept = `Request access at ${endpoint}/${subject}`
    return failure(
      'hub-gated',
      hasToken
        ? `${subject} is gated, and your account has no access yet. ${accept}; then try again.`
        : `${subject} is gated. ${accept}; then set HF_TOKEN to a token of your account.`,
    )
  }
  if (reason === 'RevisionNotFound') return failure('hub-revision-not-found', `${subject} has no such revision at ${endpoint}.`)
  if (reason === 'EntryNotFound') return failure('hub-file-not-found', `${subject} lacks a requested file at ${endpoint}.`)
  if (isWithheld && (status === 401 || status === 404))
    return failure(
      'hub-model-not-found',
      `${endpoint} restricts access to ${subject}, and only another node of the cluster requested it. To ` +
        `download it here, run on this machine: exo models pull ${subject}`,
    )
  if (status === 401 && hasToken && reason !== 'RepoNotFound')
    return failure(
      'hub-token-refused',
      `${endpoint} rejected the token in HF_TOKEN: it has expired or was revoked. Set another one, or none for public models.`,
    )
  // Without a token, the hub does not distinguish a private model from a missing one.
  if (status === 401 || status === 404 || reason === 'RepoNotFound')
    return failure(
      'hub-model-not-found',
      `There is no model ${subject} at ` +
        `${endpoint}${hasToken ? ' that your token can access' : ', or it is private: then set HF_TOKEN'}. ` +
        'Check its name.',
    )
  const retryAfterMs = waitOf(answer, request.nowEpochMs)
  if (status === 429)
    return failure(
      'hub-busy',
      `${endpoint} limits the rate of ` +
        `requests${retryAfterMs === null ? '' : ` (for ${Math.ceil(retryAfterMs / 1000)} s)`}. Try again ` +
        `later${hasToken ? '' : ', or set HF_TOKEN for a higher limit'}.`,
      { retryAfterMs },
    )
  if (status >= 500 || status === 408)
    return failure('hub-unavailable', `${endpoint} reported an internal error (status ${status}). Try again later.`, { retryAfterMs })
  return failure(
    'hub-refused',
    `${endpoint} rejected the request for ${subject} (status ${status}${reason === null ? '' : `, ${reason}`}).`,
  )
}

export function isRetryableHubError(error: unknown): boolean {
  const code = errorCode(error)
  return hasTrait(code, 'hub-silent') && errorFacts(code).retry && (askedDelayMs(error) ?? 0) <= LONGEST_WAIT_MS
}

/** How long the hub asks clients to wait; null: not stated. */
export function askedDelayMs(error: unknown): number | null {
  const asked = error instanceof AppError ? error.details['retryAfterMs'] : null
  return typeof asked === 'number' ? asked : null
}

/** Reads `Retry-After`, in seconds or as a date, or else `t` of the hub's `RateLimit` header. */
function waitOf(answer: RefusedAnswer, nowEpochMs: number): number | null {
  const retryAfter = answer.header('retry-after')
  if (retryAfter !== null) {
    // Both dates are from the hub's clock where it states one: this machine's may be wrong.
    const hubEpochMs = Date.parse(answer.header('date') ?? '')
    const answeredEpochMs = Number.isFinite(hubEpochMs) ? hubEpochMs : nowEpochMs
    const waitMs = /^\s*\d+(\.\d+)?\s*$/.test(retryAfter) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - answeredEpochMs
    return Number.isFinite(waitMs) ? Math.max(0, waitMs) : null
  }
  const seconds = /;\s*t\s*=\s*(\d+)/.exec(answer.header('ratelimit') ?? '')?.[1]
  return seconds === undefined ? null : Number(seconds) * 1000
}

export function hubUnreachable(endpoint: string, cause: unknown): AppError {
  if (isCertificateError(cause))
    return new AppError(
      'hub-unreachable',
      `${endpoint} has a certificate that this machine does not trust (${reasonOf(cause)}). If the network ` +
        'inspects TLS, add its root certificate to the system, or set SSL_CERT_FILE to its PEM file.',
      { endpoint },
      cause,
    )
  return new AppError(
    'hub-unreachable',
    `${endpoint} cannot be reached (${reasonOf(cause)}). Check the network, the proxy settings, or HF_ENDPOINT.`,
    { endpoint },
    cause,
  )
}

function isCertificateError(error: unknown): boolean {
  const { cause, code } = error as { cause?: unknown; code?: unknown }
  return (
    (typeof code === 'string' && /CERT|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/.test(code)) ||
    (cause instanceof Error && isCertificateError(cause))
  )
}

/** `fetch failed` is not informative, but its cause is. */
function reasonOf(error: unknown): string {
  const { cause } = error as { cause?: unknown }
  if (cause instanceof Error) return reasonOf(cause)
  const { code, message } = error as NodeJS.ErrnoException
  return message || code || 'no reason given'
}
