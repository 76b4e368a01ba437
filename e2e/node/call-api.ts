import { readDataEvents } from '../../main/shared/formats/read-data-events.ts'

/** A response of the API, with any status. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: any
}

/** Sends `body` as JSON, or unchanged if it is text or bytes. */
export async function post(apiUrl: string, path: string, body: unknown): Promise<Answer> {
  const content = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body)
  const response = await fetch(`${apiUrl}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: content as NonNullable<RequestInit['body']>,
  })
  return toAnswer(response)
}

export async function get(apiUrl: string, path: string): Promise<Answer> {
  return toAnswer(await fetch(`${apiUrl}${path}`))
}

async function toAnswer(response: Response): Promise<Answer> {
  const text = await response.text()
  try {
    return { status: response.status, headers: response.headers, body: JSON.parse(text) }
  } catch {
    return { status: response.status, headers: response.headers, body: text }
  }
}

/** Yields the `data:` payloads of a streamed answer as they arrive. */
export async function* stream(apiUrl: string, path: string, body: unknown, signal?: AbortSignal): AsyncGenerator<any> {
  const response = await fetch(`${apiUrl}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    ...(signal ? { signal } : {}),
  })
  if (!response.ok || !response.body) throw new Error(`status ${response.status}: ${await response.text()}`)
  for await (const data of readDataEvents(response.body.pipeThrough(new TextDecoderStream()))) yield JSON.parse(data)
}
