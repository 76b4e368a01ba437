import type { z } from 'zod'
import { AppError } from '../../shared/app-error.ts'
import { MAX_FRAME_BYTES } from '../../shared/wire/peer/frame-limits.ts'
import { parseTolerantly } from '../../shared/wire/peer/parse-tolerantly.ts'
import { refusePeerWords } from '../../shared/wire/peer/refuse-peer-words.ts'
import { FUTURE_FIELD } from './greeting/link-versions.ts'

/** @throws AppError `message-too-large` */
export function formatMessage(message: unknown): string {
  const text = JSON.stringify(message, FUTURE_FIELD === null ? undefined : withFutureField)
  if (Buffer.byteLength(text) > MAX_FRAME_BYTES)
    throw new AppError('message-too-large', `A message exceeds ${MAX_FRAME_BYTES} bytes: send it as a stream.`)
  return text
}

/** Null if the text is not a valid message. */
export function parseMessage<Message>(schema: z.ZodType<Message>, text: string): { value: Message } | null {
  try {
    const value: unknown = JSON.parse(text)
    if (refusePeerWords(value) !== null) return null
    const parsed = parseTolerantly(schema, value)
    return parsed.success ? { value: parsed.data } : null
  } catch {
    return null
  }
}

/** Adds the field of a simulated future version to a message and to every node, instance and model in it. */
function withFutureField(_: string, value: unknown): unknown {
  if (FUTURE_FIELD === null || typeof value !== 'object' || value === null) return value
  return ['type', 'nodeId', 'leaderId', 'instanceId', 'modelId'].some((key) => key in value)
    ? { ...value, [FUTURE_FIELD]: { of: [1] } }
    : value
}
