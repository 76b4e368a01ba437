import type { z } from 'zod'
import { apiFailure } from '../../main/shared/api-failure.ts'
import { AppError } from '../../main/shared/app-error.ts'
import { ErrorBody } from '../../main/shared/wire/api/openai.ts'
import { parseSaid } from '../../main/shared/wire/peer/parse-tolerantly.ts'
import { localized } from './error-text.ts'

export interface ApiClientOptions {
  readonly apiUrl: string
  readonly token: () => string | null
  readonly fetch: typeof fetch
}

/** The node's HTTP API. Failures are `AppError`s: `api-refused`, or `unreachable` where nothing answers. */
export interface ApiClient {
  get<T>(path: string, schema: z.ZodType<T>, signal?: AbortSignal): Promise<T>
  post<T>(path: string, body: unknown, schema: z.ZodType<T>, signal?: AbortSignal): Promise<T>
  put<T>(path: string, body: unknown, schema: z.ZodType<T>): Promise<T>
  patch<T>(path: string, body: unknown, schema: z.ZodType<T>): Promise<T>
  delete<T>(path: string, schema: z.ZodType<T>, signal?: AbortSignal): Promise<T>
  /** The body of a file. */
  text(path: string): Promise<string>
  /** The body of a streaming response. */
  stream(path: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>
}

export function createApiClient({ apiUrl, token, fetch }: ApiClientOptions): ApiClient {
  const call = async (method: string, path: string, body: unknown, signal?: AbortSignal): Promise<Response> => {
    const headers = new Headers()
    const apiToken = token()
    if (apiToken) headers.set('authorization', `Bearer ${apiToken}`)
    if (body !== undefined) headers.set('content-type', 'application/json')
    const response = await fetch(apiUrl + path, {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal ?? null,
    }).catch((cause: unknown) => {
      if (signal?.aborted) throw cause
      throw fail('unreachable', 'The node does not answer. Is exo still running?', { path }, cause)
    })
    if (!response.ok) throw localized(await toError(response))
    return response
  }
  const readText = async (answered: Promise<Response>, signal?: AbortSignal): Promise<string> => {
    const response = await answered
    return response.text().catch((cause: unknown) => {
      if (signal?.aborted) throw cause
      throw fail('unreachable', 'The connection to the node broke off. Try again.', {}, cause)
    })
  }
  const read = async <T>(schema: z.ZodType<T>, answered: Promise<Response>, signal?: AbortSignal): Promise<T> => {
    const body = await readText(answered, signal)
    try {
      return parseSaid(schema, JSON.parse(body))
    } catch (cause) {
      throw fail('unexpected-answer', 'This page does not understand the answer of the node. Reload the page.', {}, cause)
    }
  }
  return {
    get: (path, schema, signal) => read(schema, call('GET', path, undefined, signal), signal),
    post: (path, body, schema, signal) => read(schema, call('POST', path, body, signal), signal),
    put: (path, body, schema) => read(schema, call('PUT', path, body)),
    patch: (path, body, schema) => read(schema, call('PATCH', path, body)),
    delete: (path, schema, signal) => read(schema, call('DELETE', path, undefined, signal), signal),
    text: (path) => readText(call('GET', path, undefined)),
    async stream(path, signal) {
      const response = await call('GET', path, undefined, signal)
      if (!response.body) throw fail('no-body', 'The node answered without a body.', { path })
      return response.body
    },
  }
}

const fail = (...said: ConstructorParameters<typeof AppError>): AppError => localized(new AppError(...said))

async function toError(response: Response): Promise<AppError> {
  const text = await response.text().catch(() => '') // the status says enough
  const body = ErrorBody.safeParse(parseOrNull(text))
  const details = { status: response.status }
  if (response.status === 401)
    return apiFailure(body.data?.error.code ?? null, 'exo asks for its API token. Enter it in Settings.', details)
  return body.success
    ? apiFailure(body.data.error.code, body.data.error.message, details)
    : apiFailure(null, `The node answered with status ${response.status}.`, details)
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
