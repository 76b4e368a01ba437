import type { z } from 'zod'

/** One request and its answer, both sent in chunks over a link between nodes. */
export interface ByteChannel {
  readonly signal: AbortSignal
  send(chunk: Uint8Array): Promise<void>
  end(): Promise<void>
  /** null once the other side has ended. */
  receive(): Promise<Uint8Array | null>
  cancel(code: string, message: string): void
}

export function encodeJson(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value))
}

/** @throws SyntaxError | ZodError if the peer sent anything else */
export function decodeJson<Output>(schema: z.ZodType<Output>, chunk: Uint8Array): Output {
  return schema.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(chunk)))
}
