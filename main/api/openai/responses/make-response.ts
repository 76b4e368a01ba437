import { AppError } from '../../../shared/app-error.ts'
import { formatProgress } from '../../sending/event-stream.ts'
import type { ChatPart } from '../../answer/split-output.ts'
import { toApiError } from '../../to-api-error.ts'
import type { ResponseFold } from './response-answer.ts'
import type { ResponseLog } from './response-log.ts'

export interface ResponseMaking {
  readonly fold: ResponseFold
  readonly log: ResponseLog
  /** Keeps the response as it is now. */
  readonly keep: () => void
  /** It runs no longer. */
  readonly end: () => void
}

/** Makes a response, and gives its events as they are sent. They are in its log as well. @throws what the model's run throws */
export async function* makeResponse(parts: AsyncIterable<ChatPart>, { fold, log, keep, end }: ResponseMaking): AsyncGenerator<string> {
  try {
    for await (const part of parts) {
      if (part.type === 'prefill-progress') yield formatProgress(part)
      const events = fold.add(part)
      // Before its last event: the client's next request may go on from it.
      if (part.type === 'inference-end') keep()
      for (const event of events) yield log.add(event)
    }
  } finally {
    end()
  }
  if (fold.isOpen) throw new AppError('instance-failed', 'The answer ended early.')
}

/** Makes a response that nobody waits for; a failure becomes part of it. */
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
