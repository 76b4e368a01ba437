import type { z } from 'zod'
import { AppError } from '../../shared/app-error.ts'
import { refusePeerWords } from '../../shared/wire/refuse-peer-words.ts'
import { MAX_FRAME_BYTES } from './web-socket-options.ts'

/** @throws AppError `message-too-large` */
export function formatMessage(message: unknown): string {
  const text = JSON.stringify(message)
  if (Buffer.byteLength(text) > MAX_FRAME_BYTES) throw new AppError('message-too-large', `A message is above ${MAX_FRAME_BYTES} bytes: send it as a stream.`)
  return text
}

/** null when the text is no message. */
export function parseMessage<Message>(schema: z.ZodType<Message>, text: string): { value: Message } | null {
  try {
    const value: unknown = JSON.parse(text)
    if (refusePeerWords(value) !== null) return null
    const parsed = schema.safeParse(value)
    return parsed.success ? { value: parsed.data } : null
  } catch {
    return null
  }
}
