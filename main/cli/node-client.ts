import { apiFailure } from '../shared/api-failure.ts'
import type { AppError } from '../shared/app-error.ts'
import { readDataEvents } from '../shared/formats/read-data-events.ts'

/** A client of a node's HTTP API. */
export interface NodeClient {
  readonly apiUrl: string
  get(path: string): Promise<unknown>
  post(path: string, body: unknown, limitMs?: number): Promise<unknown>
  delete(path: string): Promise<unknown>
  /** The `data:` payloads of a server-sent event stream, without `[DONE]`. */
  stream(path: string, body: unknown, signal: AbortSignal): AsyncIterable<unknown>
}

async function failure(response: Response): Promise<AppError> {
  const body = (await response.json().catch(() => null)) as { error?: { message?: string; code?: string } } | null
  return apiFailure(body?.error?.code, body?.error?.message ?? `The node answered with status ${response.status}.`, {
    status: response.status,
  })
}

export function createNodeClient(apiUrl: string, apiToken: string | null): NodeClient {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    ...(apiToken === null ? {} : { authorization: `Bearer ${apiToken}` }),
  }
  const call = async (path: string, init: RequestInit, limitMs: number): Promise<Response> => {
    const response = await fetch(new URL(path, apiUrl), { ...init, headers, signal: AbortSignal.timeout(limitMs) })
    if (!response.ok) throw await failure(response)
    return response
  }
  return {
    apiUrl,
    get: async (path) => (await call(path, {}, 30_000)).json(),
    post: async (path, body, limitMs = 60_000) => (await call(path, { method: 'POST', body: JSON.stringify(body) }, limitMs)).json(),
    // The node refuses a request that declares JSON but has no body.
    delete: async (path) => (await call(path, { method: 'DELETE', body: '{}' }, 60_000)).json(),
    async *stream(path, body, signal) {
      const response = await fetch(new URL(path, apiUrl), { method: 'POST', headers, body: JSON.stringify(body), signal })
      if (!response.ok || !response.body) throw await failure(response)
      for await (const data of readDataEvents(response.body.pipeThrough(new TextDecoderStream()))) yield JSON.parse(data)
    },
  }
}
