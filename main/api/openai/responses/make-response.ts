import { AppError } from '../../../shared/app-error.ts'
import { formatProgress } from '../../sending/event-stream.ts'
import type { ChatPart } from '../../answer/split-output.ts'
import { toApiError } from '../../to-api-error.ts'
import type { ResponseFold } from './response-answer.ts'
import type { ResponseLog } from './response-log.ts'

export interface ResponseMaking {
  readonly fold: ResponseFold
  readonly log: ResponseLog
  /** Stores the response in its current state. */
  readonly keep: () => void
  /** Marks the response as no longer running. */
  readonly end: () => void
}

/**
 * Generates a response and yields its events in the format in which they are sent. They are added to its log as well.
 * @throws the errors of the inference
 */
export async function* makeResponse(parts: AsyncIterable<ChatPart>, { fold, log, keep, end }: ResponseMaking): AsyncGenerator<string> {
  try {
    for await (const part of parts) {
      if (part.type === 'prefill-progress') yield formatProgress(part)
      const events = fold.add(part)
      // Stored before its last event, because the client's next request may continue from it.
      if (part.type === 'inference-end') keep()
      for (const event of events) yield log.add(event)
    }
  } finally {
    end()
  }
  if (fold.isOpen) throw new AppError('instance-failed', 'The answer ended early.')
}

/** Generates a response in the background. A failure becomes part of it. */
export async function makeInBackground(parts: AsyncIterable<ChatPart>, { fold, log, keep, end }: ResponseMaking): Promise<void> {
  try {
    for await (const event of makeResponse(parts, { fold, log, keep, end: () => undefined })) void event
  } catch (error) {
    const { code, message } = toApiError(error)
    const event = fold.fail(code ?? 'server_error', message)
    keep()
    log.add(event)
  } finally {
    end()
  }
}
