import { expect } from 'vitest'

/** Answers have many shapes; each case knows the one that it expects. */
export type Json = any

export interface WireAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly body: Json
}

export interface WireEvent {
  readonly event: string | null
  readonly data: Json
}

/** The requests of one client to one node. */
export interface ApiWire {
  send(path: string, body?: unknown, options?: { readonly method?: string; readonly headers?: Record<string, string> }): Promise<WireAnswer>
  /** The events of a streamed answer; `[DONE]` stays text. */
  events(path: string, body: unknown): Promise<WireEvent[]>
  /** The lines of an answer in Ollama's format. */
  lines(path: string, body: unknown): Promise<Json[]>
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

export function openWire(url: string): ApiWire {
  const send: ApiWire['send'] = async (path, body, { method, headers } = {}) => {
    const response = await fetch(url + path, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, body: parsed(text) }
  }
  return {
    send,
    async events(path, body) {
      const { status, headers, text } = await send(path, body)
      expect([status, headers.get('content-type')], text).toEqual([200, expect.stringContaining('text/event-stream')])
      return text.split('\n\n').flatMap((block): WireEvent[] => {
        const lines = block.split('\n')
        const data = lines.filter((line) => line.startsWith('data: ')).map((line) => line.slice(6))
        if (data.length === 0) return []
        return [{ event: lines.find((line) => line.startsWith('event: '))?.slice(7) ?? null, data: parsed(data.join('\n')) }]
      })
    },
    async lines(path, body) {
      const { status, headers, text } = await send(path, body)
      expect([status, headers.get('content-type')], text).toEqual([200, expect.stringContaining('application/x-ndjson')])
      return text.trimEnd().split('\n').map(parsed)
    },
  }
}

/** A statement of a reference, and the check that it holds. */
export type ConformanceCase = readonly [level: 'MUST' | 'SHOULD', statement: string, check: (wire: ApiWire) => Promise<void>]

export const hi = [{ role: 'user', content: 'hi' }]
export const counting = [{ role: 'user', content: 'Count on and on.' }]
export const weatherSchema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
export const placeSchema = { ...weatherSchema, additionalProperties: false }
export const placeAsked = [{ role: 'user', content: 'Write this JSON and nothing else: a place with "city".' }]
