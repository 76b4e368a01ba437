import type { z } from 'zod'
import { AppError } from '../../../shared/app-error.ts'
import { parseSaid } from '../../../shared/wire/peer/parse-tolerantly.ts'
import { refusePeerWords } from '../../../shared/wire/peer/refuse-peer-words.ts'
import type { LinkStream } from './link-stream.ts'

/** Sends one value as one chunk. */
export function sendJson(stream: LinkStream, value: unknown): Promise<void> {
  return stream.send(Buffer.from(JSON.stringify(value)))
}

/**
 * The next chunk as a value; null after the peer's end.
 * @throws AppError `stream-invalid` if it does not match the schema; this cancels the stream
 */
export async function receiveJson<Output>(stream: LinkStream, schema: z.ZodType<Output>): Promise<Output | null> {
  const chunk = await stream.receive()
  if (chunk === null) return null
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(chunk))
    const fault = refusePeerWords(value)
    if (fault !== null) throw new Error(fault)
    return parseSaid(schema, value)
  } catch (cause) {
    const error = new AppError('stream-invalid', `Node ${stream.nodeId} sent an invalid message on a ${stream.kind} stream.`, {}, cause)
    stream.cancel(error.code, error.message)
    throw error
  }
}

/** Sends one request and receives one answer. @throws AppError with the code of the other side's error, or `stream-invalid` */
export async function requestJson<Output>(stream: LinkStream, schema: z.ZodType<Output>): Promise<Output> {
  await stream.end()
  const answer = await receiveJson(stream, schema)
  if (answer === null) throw new AppError('stream-invalid', `Node ${stream.nodeId} ended a ${stream.kind} stream without an answer.`)
  return answer
}
