import type { z } from 'zod'

/** One request and its answer, both ways in chunks; what the links between nodes offer. */
export interface ByteChannel {
  readonly signal: AbortSignal
  send(chunk: Uint8Array): Promise<void>
  end(): Promise<void>
  /** null after the other side's end. */
  receive(): Promise<Uint8Array | null>
  cancel(code: string, message: string): void
}

export function encodeJson(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value))
}

/** @throws SyntaxError | ZodError when a peer sent something else */
export function decodeJson<Output>(schema: z.ZodType<Output>, chunk: Uint8Array): Output {
  return schema.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(chunk)))
}
