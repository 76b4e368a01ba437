import { errorCode, errorMessage } from '../../../shared/app-error.ts'
import type { LinkStream } from './link-stream.ts'

/**
 * Forwards each of two streams to the other, at the pace of the reader, until both directions have ended.
 * When one breaks, the other is cancelled for the same reason.
 *
 * Rejects with that reason.
 */
export async function joinStreams(first: LinkStream, second: LinkStream): Promise<void> {
  try {
    await Promise.all([pump(first, second), pump(second, first)])
  } catch (error) {
    for (const stream of [first, second]) stream.cancel(errorCode(error), errorMessage(error))
    throw error
  }
}

async function pump(from: LinkStream, to: LinkStream): Promise<void> {
  for (let chunk = await from.receive(); chunk !== null; chunk = await from.receive()) await to.send(chunk)
  await to.end()
}
